"""When somebody leaves, or stops covering: what they had passes to a colleague."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from salesorg.audit.models import Change
from salesorg.audit.services import undo
from salesorg.lib.errors import DomainError

from .. import handover
from ..models import Assistance, Membership, User
from ..roles import Action, Role
from .people import keep_an_administrator
from .signing_in import end_sessions

HANDOVERS = ("people:person_deactivate", "people:person_hand_over", "people:membership_end")  # causes


def hold_colleague(person, *, field):
    """Raise DomainError when `person` no longer works here; else they cannot leave before this transaction ends.

    Called by whoever gives somebody work, seats or accounts: who deactivates this person waits, and then finds it.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not person.is_active:
        raise DomainError(_("%(name)s no longer works here. Choose somebody else.") % {"name": person}, fields=[field])
    return person


@transaction.atomic
def hand_over(*, person, to, on, actor):
    """Everything `person` covers or owns passes to `to` from `on` on; what is closed stays as it is.

    Raises DomainError when `to` could not work with it, or `on` lies ahead: open deals have one owner, today's.
    """
    if to.pk == person.pk:
        raise DomainError(_("Choose a colleague, not the same person."), fields=["to"])
    if not to.is_active or not User.objects.get(pk=to.pk).may(Action.EDIT_DEALS):
        raise DomainError(_("%(name)s could not work with them. Give a role in sales first.") % {"name": to}, fields=["to"])
    if on > actor.today:
        raise DomainError(_("Hand over on the day itself: choose today or an earlier day."), fields=["on"])
    handover.transfer_all(from_user=person, to_user=to, on=on, actor=actor)


@transaction.atomic
def deactivate_person(*, person, on, actor, to=None):
    """`person` no longer works here from `on` (today or earlier) and is signed out at once; `to` takes over, when given.

    Roles and assistances end the day before. Raises DomainError for the last administrator.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    if not person.is_active:
        raise DomainError(_("%(name)s has already left.") % {"name": person})
    if on > actor.today:
        raise DomainError(
            _("This takes effect at once: choose today or an earlier day. For a later one, end the roles on that day."),
            fields=["on"],
        )
    if person.started_on and on < person.started_on:
        raise DomainError(_("That lies before the first day here, %(day)s.") % {"day": person.started_on}, fields=["on"])
    if to is not None:
        hand_over(person=person, to=to, on=on, actor=actor)
    if Membership.objects.filter(user=person, role=Role.ADMINISTRATOR, during__contains=actor.today).exists():
        keep_an_administrator(without=person.memberships.values("pk"), on=actor.today)
    person.memberships.all().end_before(on)
    Assistance.objects.filter(Q(assistant=person) | Q(principal=person)).end_before(on)
    person.is_active = False
    person.ended_on = max(on - timedelta(days=1), person.started_on or on)
    person.save(update_fields=["is_active", "ended_on"])
    end_sessions(user=person, actor=actor)


@transaction.atomic
def reactivate_person(*, person, actor):
    """`person` may sign in again, with the old password or a new link. Roles are given anew."""
    person = User.objects.select_for_update().get(pk=person.pk)
    person.is_active, person.ended_on = True, None
    person.save(update_fields=["is_active", "ended_on"])


@transaction.atomic
def undo_leaving(*, context, actor):
    """Take back a departure with its handover, whole: an administrator may without seeing the accounts and deals in it.

    Raises DomainError for anything but one's own handover, or when something in it was changed since.
    """
    causes = set(Change.objects.filter(context=context, actor_id=actor.pk).values_list("cause", flat=True))
    if not causes or not causes.issubset(HANDOVERS):
        raise DomainError(_("There is nothing here that you can undo."))
    return undo(context=context, actor=actor, whole=True)
