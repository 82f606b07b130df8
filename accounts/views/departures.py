"""A contact who left an account, or works at another one now."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.forms.departures import DepartureForm
from accounts.models import Account, Contact, Departure
from accounts.services.departures import note_departure, plans_with
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.roles import Action


@FORM_METHODS
@requires(Action.EDIT_ACCOUNTS)
def contact_departure(request, pk):
    """Say that a contact left, and where they are now; everything planned with them is given to somebody by name."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user).select_related("account"), pk=pk)
    form = DepartureForm(request.POST or None, user=request.user, contact=contact, plans=list(plans_with(contact)))
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            note_departure(contact=contact, actor=request.user, **form.facts())
            text = _("%(contact)s has left %(account)s") % {"contact": contact, "account": contact.account}
            return toast(request, text, undo=undo_url(request), to=contact.get_absolute_url())
    context = {"form": form, "contact": contact, "account": contact.account}
    return render(request, "accounts/contact_departure.html", context, status=422 if form.is_bound else 200)


def departed(user, account):
    """[(Departure, address of the person or "", where they are now or None)] of those who left, as far as `user` may see."""
    rows = list(
        Departure.objects.visible_to(user).filter(account=account).select_related("contact", "contact__account")[:50]
    )  # fmt: skip
    # Moved back, or to an account merged with this one: they have not left it.
    rows = [row for row in rows if row.contact.left_on or row.contact.account_id != account.pk]
    now = {row.contact.account_id for row in rows}
    visible = set(Account.objects.visible_to(user).filter(pk__in=now).values_list("pk", flat=True)) if rows else set()
    found = []
    for row in rows:
        seen = row.contact.account_id in visible
        elsewhere = row.contact.account if seen and row.contact.account_id != account.pk else None
        found.append((row, row.contact.get_absolute_url() if seen else "", elsewhere))
    return found


def stayed_before(user, contact):
    """The departures of a contact from earlier accounts, the latest first, as far as `user` may see those."""
    rows = Departure.objects.visible_to(user).filter(contact=contact).select_related("account", "noted_by")
    return list(rows)
