"""Tickets: taken in, taken by somebody, answered within their clock, solved, opened again."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.models import Ticket, TicketNote
from salesorg.lib.db import lock_until_commit, write
from salesorg.lib.errors import DomainError
from salesorg.lib.working_time import due
from salesorg.people.models import User, organisation
from salesorg.people.roles import Action
from salesorg.people.services.leaving import hold_colleague
from salesorg.people.working import usual_calendar

from .customers import refresh_customers

# Working hours to the first answer. By everybody's week and not the owner's: a customer does not wait for whoever is away.
HOURS = {Ticket.Priority.URGENT: 2, Ticket.Priority.NORMAL: 8, Ticket.Priority.LOW: 24}
STATE = Ticket.State
TWICE = timedelta(minutes=1)  # in which the same words are one answer that was sent twice


@transaction.atomic
def open_ticket(*, account, subject, actor, now=None, **facts):
    """Take in what a customer asks, reports or disputes; its clock begins. Returns the Ticket.

    Without an `owner` among the facts it waits in the queue. Raises DomainError for a contact or contract of another
    account, for a dispute about nothing, and for what was just taken in with exactly these words.
    """
    now = now or timezone.now()
    lock_until_commit(f"pipeline.tickets {account.pk}")  # whoever clicked twice would find none both times
    ticket = Ticket(account=account, subject=subject, opened_at=now, opened_by=actor, **facts)
    for name in ("contact", "contract"):
        other = getattr(ticket, name)
        if other is not None and other.account_id != account.pk:
            raise DomainError(_("“%(other)s” belongs to another account.") % {"other": other}, fields=[name])
    if ticket.kind == Ticket.Kind.DISPUTE and not ticket.contract_id and not ticket.invoice:
        raise DomainError(_("Say which contract or invoice is in dispute."), fields=["contract", "invoice"])
    if ticket.owner_id:
        check_may_answer(ticket.owner)
    just_now = Ticket.objects.open().filter(account=account, subject=subject, opened_at__gt=now - timedelta(minutes=5))
    if just_now.filter(text=ticket.text, opened_by=actor).exists():
        raise DomainError(_("You have just taken this in."), fields=["subject"])
    ticket.answer_by = due(usual_calendar(), now, timedelta(hours=HOURS[ticket.priority]))
    ticket.save()
    refresh_customers([account.pk], organisation().today(now), actor)
    return ticket


@transaction.atomic
def take_ticket(*, ticket, owner, actor):
    """`owner` answers it from now on. Raises DomainError when a colleague was quicker."""
    seen, ticket = ticket.owner_id, _locked(ticket)
    if ticket.owner_id not in (seen, owner.pk):
        raise DomainError(_("%(name)s has taken this ticket meanwhile.") % {"name": ticket.owner or _("Nobody")})
    check_may_answer(owner)
    return write(ticket, {"owner": owner})


@transaction.atomic
def answer_ticket(*, ticket, text, actor, is_answer=True, then="", now=None):
    """Say something to the customer, or note it among ourselves; `then` it waits for them, or is solved. Returns the note.

    The first answer stops the clock. A ticket from the queue belongs to whoever answers it. Sent twice within a minute it is
    said once.
    """
    now = now or timezone.now()
    ticket = _locked(ticket)
    just_now = TicketNote.objects.filter(ticket=ticket, user=actor, text=text, is_answer=is_answer, at__gt=now - TWICE)
    if there := just_now.first():
        return there
    note = TicketNote.objects.create(ticket=ticket, user=actor, text=text, is_answer=is_answer, at=now)
    changes = {"state": then or (STATE.OPEN if ticket.state == STATE.SOLVED else ticket.state)}
    changes["solved_at"] = (ticket.solved_at or now) if changes["state"] == STATE.SOLVED else None
    if is_answer and ticket.answered_at is None:
        changes["answered_at"] = now
    if ticket.owner_id is None:
        changes["owner"] = actor
    write(ticket, changes)
    refresh_customers([ticket.account_id], organisation().today(now), actor)
    return note


@transaction.atomic
def reopen_ticket(*, ticket, actor):
    """It was not solved after all."""
    ticket = write(_locked(ticket), {"state": STATE.OPEN, "solved_at": None})
    refresh_customers([ticket.account_id], organisation().today(), actor)
    return ticket


def check_may_answer(person):
    """Refuse a person who could not answer customers."""
    person = hold_colleague(person, field="owner")
    if not User.objects.get(pk=person.pk).may(Action.LOG_ACTIVITY):
        raise DomainError(_("%(name)s does not work with customers. Choose somebody else.") % {"name": person}, fields=["owner"])


def _locked(ticket):
    return Ticket.objects.select_for_update().get(pk=ticket.pk)


# ── what passes to a colleague when somebody leaves ──


def count_tickets(user, on):
    return Ticket.objects.open().filter(owner=user).count()


def transfer_tickets(*, from_user, to_user, on, actor):
    """`to_user` answers the open tickets of `from_user`. Returns how many."""
    return Ticket.objects.open().filter(owner=from_user).update(owner=to_user)
