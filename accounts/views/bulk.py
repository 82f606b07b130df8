"""Changing many accounts at once, from their list; and following what is changed in the background."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.changing import begin_change, kind_of, run_of, undo_change
from accounts.forms import AccountsForm
from accounts.models import Account, BulkChange
from accounts.selections.accounts import AccountSelection
from accounts.services import change_accounts, plan_account_changes
from salesorg.jobs.runs import progress_of
from salesorg.lib.bulk import bulk_page, chosen_rows
from salesorg.lib.forms import in_words
from salesorg.lib.http import FORM_METHODS
from salesorg.lib.pagination import page_of
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
    who, rows = {"actor": request.user}, chosen.rows.order_by("name", "pk")[: chosen.looked_at]
    return bulk_page(
        request,
        chosen=chosen,
        form=AccountsForm(request.POST or None, user=request.user),
        plan=lambda **facts: plan_account_changes(accounts=list(rows), **who, **facts),
        change=lambda **facts: change_accounts(accounts=chosen.rows, **who, **facts),
        later=lambda form: begin_change(kind="accounts", chosen=chosen, form=form, **who),
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


@require_safe
@requires(Action.READ_RECORDS)
def bulk_change_list(request):
    """What one has changed in the background, the newest first."""
    mine = BulkChange.objects.visible_to(request.user).defer("ids", "typed", "refused")
    page = page_of(mine, ("-pk",), request.GET.get("after", ""))
    return render(request, "accounts/bulk_change_list.html", {"page": page})


@require_safe
@requires(Action.READ_RECORDS)
def bulk_change_detail(request, pk):
    """How far a change in the background is, and what came of it."""
    change = _mine(request, pk)
    run = run_of(change) if change.is_busy else None
    context = {"change": change, "kind": kind_of(change.kind), "run": run, "steps": progress_of(run) if run else []}
    if request.htmx and "waiting" in request.GET:
        busy = {"work": change} | context
        return render(request, "accounts/_work_progress.html", busy) if change.is_busy else HttpResponseClientRefresh()
    if not change.is_busy:
        words = {"changed": _("Changed"), "same": _("Already so"), "refused": _("Refused"), "gone": _("No longer there for you")}
        context["counts"] = [(label, change.counts.get(name, 0)) for name, label in words.items() if name in change.counts]
        context["refused"] = _refused(request, change)
    return render(request, "accounts/bulk_change.html", context)


def _refused(request, change):
    """[(row, why)] of the first that were refused, as far as the person still sees them."""
    rows = kind_of(change.kind).model.objects.visible_to(request.user).in_bulk([pk for pk, _why in change.refused])
    return [(rows[pk], why) for pk, why in change.refused if pk in rows]


@require_POST
@requires(Action.READ_RECORDS)
def bulk_change_undo(request, pk):
    """Begin taking back all that was changed; by what one may do today (salesorg.audit)."""
    change = _mine(request, pk)
    undo_change(change=change, actor=request.user)
    return redirect(change)


def _mine(request, pk):
    return get_object_or_404(BulkChange.objects.visible_to(request.user).defer("ids"), pk=pk)
