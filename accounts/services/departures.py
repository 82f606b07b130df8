"""Somebody left an account, or went to another one: the person and what was said with them stay, plans do not pass silently."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Activity, Contact, Departure
from accounts.reach import refusal
from salesorg.lib.db import locked, write
from salesorg.lib.errors import DomainError


def plans_with(contact):
    """What is planned with the contact, by anybody, what is due first in front."""
    return Activity.objects.planned().filter(contact=contact).select_related("account", "user").order_by("due_on", "pk")


@transaction.atomic
def note_departure(*, contact, left_on, actor, plans, account=None, position="", email="", phone="", note=""):
    """The contact left their account on `left_on`, for `account` when that is known; then with these ways to reach them.

    `plans` are {activity id: the contact it is for now, or None for nobody} of everything planned with them. Returns the contact.
    Raises DomainError for a plan that is not among them, a day to come, or an account where they are already.
    """
    contact = locked(Contact.objects.select_related("account"), contact.pk)
    if account is None and contact.left_on:
        raise DomainError(_("%(name)s has left already. Say where they are now.") % {"name": contact}, fields=["account"])
    if account is not None and account.pk == contact.account_id:
        raise DomainError(_("%(name)s stands at %(account)s.") % {"name": contact, "account": account}, fields=["account"])
    if left_on > actor.today:
        raise DomainError(_("Nobody has left on a day to come. Note it then."), fields=["left_on"])
    _pass_on(contact, plans)
    if contact.left_on is None:
        facts = {"left_on": left_on, "note": note, "noted_by": actor}
        Departure.objects.create(contact=contact, account=contact.account, **facts)
    if account is None:
        return write(contact, {"left_on": left_on})
    # Whether they decide there is not known: what was known is about the earlier account.
    facts = {"account": account, "left_on": None, "position": position, "email": email, "phone": phone, "decision_role": ""}
    return write(contact, facts)


def _pass_on(contact, plans):
    """Give what is planned with `contact` to whom `plans` says."""
    for activity in plans_with(contact).select_for_update(of=["self"]):
        if activity.pk not in plans:
            raise DomainError(_("Something more has been planned with %(name)s meanwhile. Look again.") % {"name": contact})
        heir = plans[activity.pk]
        if heir is not None and (heir.account_id != activity.account_id or heir.pk == contact.pk):
            words = {"contact": heir, "account": activity.account}
            raise DomainError(_("%(contact)s does not belong to %(account)s.") % words, fields=[f"plan_{activity.pk}"])
        if said := refusal(heir, activity.kind):
            raise DomainError(_("%(refusal)s Choose somebody else.") % {"refusal": said}, fields=[f"plan_{activity.pk}"])
        write(activity, {"contact": heir})
