"""What is done and planned at accounts: logging, planning, completing."""

import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.engine.timing import moments
from accounts.models import Activity
from accounts.reach import refusal
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError

from .visits import NOTHING, bring_back


@transaction.atomic
def log_activity(
    *,
    account,
    kind,
    actor,
    client_id=None,
    done_at=None,
    contact=None,
    outcome="",
    subject="",
    note="",
    next_kind="",
    next_on=None,
    next_subject="",
    phone_said=None,
    brought=NOTHING,
):
    """Record what was done at `account`, and plan the next step when it has a kind and a day.

    `brought` is what was brought back beside (Brought). `client_id` is made where the visit was typed: sent again, the
    stored activity is the answer and nothing is added. `phone_said` is the moment before it was set right.
    Raises DomainError for a contact of another account, a moment in the future, or a `client_id` of something else.
    """
    done_at = done_at or timezone.now()
    if done_at > timezone.now() + timedelta(minutes=5):  # clocks of phones are not exact
        raise DomainError(_("What has not happened yet can be planned, not logged."), fields=["done_at"])
    met = _met(contact, brought.contacts)
    facts = {"kind": kind, "outcome": outcome, "subject": subject, "note": note, "done_at": done_at, "phone_said": phone_said}
    facts |= {"contact": next(iter(met), None), "needs": brought.needs, "kilometres": brought.kilometres}
    activity, is_new = _store(account, actor, client_id, facts, met)
    if is_new:
        bring_back(activity, met, brought, actor=actor)
        _plan_next_step(activity, next_kind, next_on, next_subject, actor)
    return activity


@transaction.atomic
def plan_activity(
    *, account, kind, due_on, actor, at=None, minutes=None, remind=None, client_id=None, series=None, contact=None, subject="",
    note="", user=None,
):  # fmt: skip
    """Plan something at `account` for a day, for `user` (else the actor). Idempotent like log_activity.

    `at` is the wall time of whoever does it (none: the day alone), `minutes` how long it takes, `remind` how many minutes
    before its start to be reminded. Raises DomainError when the contact is not to be reached that way.
    """
    if said := refusal(contact, kind):
        raise DomainError(_("%(refusal)s Plan it with somebody else, or without a name.") % {"refusal": said}, fields=["contact"])
    user = user or actor
    starts_at, remind_at = moments(due_on, at, ZoneInfo(user.time_zone), remind)
    facts = {"kind": kind, "contact": contact, "subject": subject, "note": note, "due_on": due_on, "series": series}
    facts |= {"starts_at": starts_at, "remind_at": remind_at, "minutes": minutes}
    return _store(account, user, client_id, facts)[0]


def _store(account, user, client_id, facts, met=()):
    """The activity with this client_id and whether it is new; of several sent at once, one stores and all answer alike."""
    _check_met(account, met or _met(facts["contact"]), was_there="done_at" in facts)
    client_id = client_id or uuid.uuid4()
    try:
        with transaction.atomic():  # waits for whoever is storing the same one, then finds it
            return Activity.objects.create(account=account, user=user, client_id=client_id, **facts), True
    except IntegrityError:
        activity = Activity.objects.filter(client_id=client_id).first()
        if activity is None:
            raise
    if (activity.account_id, activity.user_id) != (account.pk, user.pk):
        raise DomainError(_("This form has already been used for something else. Open it again."))
    return activity, False


@transaction.atomic
def complete_activity(
    *, activity, actor, done_at=None, outcome="", note="", next_kind="", next_on=None, next_subject="", brought=NOTHING
):
    """Mark a planned activity as done now (or at `done_at`), with what was brought back (as log_activity).

    Done already, it stays as it is and is the answer.
    """
    activity = Activity.objects.select_for_update().get(pk=activity.pk)
    if activity.is_done:
        return activity
    changes = {"done_at": done_at or timezone.now(), "outcome": outcome, "user": actor}
    if note:
        changes["note"] = note
    met = _met(None, brought.contacts) or _met(activity.contact)
    _check_met(activity.account, met, was_there=True)
    changes |= {"contact": next(iter(met), None), "needs": brought.needs, "kilometres": brought.kilometres}
    write(activity, changes)
    bring_back(activity, met, brought, actor=actor)
    _plan_next_step(activity, next_kind, next_on, next_subject, actor)
    return activity


def _met(contact, contacts=()):
    """Everybody met, each once, `contact` first."""
    return list(dict.fromkeys([*([contact] if contact else []), *contacts]))


def _check_met(account, met, *, was_there):
    """Raise DomainError for somebody of another account; one may have met who has left meanwhile (`was_there`)."""
    for contact in met:
        if contact.account_id != account.pk and not (was_there and contact.departures.filter(account=account).exists()):
            words = {"contact": contact, "account": account}
            raise DomainError(_("%(contact)s does not belong to %(account)s.") % words, fields=["contacts", "contact"])


def _plan_next_step(activity, kind, due_on, subject, actor):
    if not (kind and due_on):
        return None
    contact = activity.contact
    return Activity.objects.create(
        # Of the same origin as what it follows, so that it too can only be stored once.
        client_id=uuid.uuid5(activity.client_id, "next step"),
        account=activity.account,
        # Somebody who is not to be reached that way is left out of the plan; the plan itself is not lost.
        contact=None if refusal(contact, kind) else contact,
        user=actor,
        kind=kind,
        due_on=due_on,
        subject=subject,
        follows=activity,
    )
