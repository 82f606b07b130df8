"""Changing many accounts at once, from their list."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.forms import AccountsForm
from accounts.models import Account
from accounts.selection import AccountSelection
from accounts.services import change_accounts, plan_account_changes
from salesorg.lib.bulk import bulk_page, chosen_rows
from salesorg.lib.forms import in_words
from salesorg.lib.http import FORM_METHODS
from salesorg.people.access import requires
from salesorg.people.roles import Action


@FORM_METHODS
@requires(Action.EDIT_ACCOUNTS)
def accounts_change(request):
    """Give the selected accounts something in common: looked at first, then done, then undone if need be."""
    visible = Account.objects.visible_to(request.user)

    def selected(params):
        selection = AccountSelection(params, user=request.user)
        return selection.accounts(), selection.words

    chosen = chosen_rows(request, visible, selected)
    who = {"actor": request.user}
    return bulk_page(
        request,
        chosen=chosen,
        form=AccountsForm(request.POST or None, user=request.user),
        plan=lambda **facts: plan_account_changes(accounts=list(chosen.rows.order_by("name", "pk")), **who, **facts),
        change=lambda **facts: change_accounts(accounts=chosen.rows, **who, **facts),
        words=said,
        to=reverse("accounts:account_list"),
        title=_("Change accounts"),
        breadcrumb=_("Accounts"),
    )


def said(account, name, value):
    """A value as the preview says it, without naming a parent that cannot be seen."""
    if name == "lifecycle":
        return Account.Lifecycle(value).label
    if name == "is_key_account":
        return _("key account") if value else _("no key account")
    if name == "covered_by":
        return _("covered by %(name)s") % {"name": value} if value else _("covered by others or nobody")
    if name == "parent":
        return _("belongs to %(name)s") % {"name": account.parent} if value == account.parent else _("as it belonged")
    return in_words(value)
