"""What is planned at accounts, changed: in a series, moved to another time, given to a colleague, cancelled."""

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.engine.timing import moments, occurrences
from accounts.models import Account, Activity
from accounts.reach import refusal
from salesorg.lib.db import locked, write
from salesorg.lib.errors import DomainError

from .activities import plan_activity


@transaction.atomic
def plan_series(*, account, due_on, actor, every_weeks=None, until=None, client_id=None, **facts):
    """Plan something on `due_on` and, with `every_weeks`, again every so many weeks until `until`. Returns all, in order.

    Idempotent by `client_id`, which also names the series. Raises DomainError for an end before the beginning.
    """
    if every_weeks and (until is None or until < due_on):
        raise DomainError(_("Say until when it comes again: a day on or after the first."), fields=["until"])
    client_id = client_id or uuid.uuid4()
    days = occurrences(due_on, every_weeks, until)
    series = client_id if len(days) > 1 else None
    return [
        plan_activity(
            account=account, due_on=day, actor=actor, client_id=_number(client_id, place), series=series, **facts
        )
        for place, day in enumerate(days)
    ]  # fmt: skip


def _number(client_id, place):
    """The first carries the number itself; each later one a number made of it, so that all are stored once."""
    return client_id if place == 0 else uuid.uuid5(client_id, f"occurrence {place}")


@transaction.atomic
def change_plan(
    *, activity, actor, due_on, kind, user=None, at=None, minutes=None, remind=None, contact=None, subject="", note=""
):
    """Change what is planned, and whose it is. Raises DomainError once it is done, or for a colleague who may not have it."""
    activity = _planned(activity)
    user = user or activity.user
    if user.pk != activity.user_id:
        check_may_plan_for(actor, user, activity.account)
    if contact is not None and contact.account_id != activity.account_id:
        raise DomainError(
            _("%(contact)s does not belong to %(account)s.") % {"contact": contact, "account": activity.account},
            fields=["contact"],
        )
    if (contact, kind) != (activity.contact, activity.kind) and (said := refusal(contact, kind)):
        raise DomainError(_("%(refusal)s Plan it with somebody else, or without a name.") % {"refusal": said}, fields=["contact"])
    starts_at, remind_at = moments(due_on, at, ZoneInfo(user.time_zone), remind)
    changes = {"kind": kind, "user": user, "due_on": due_on, "starts_at": starts_at, "minutes": minutes, "remind_at": remind_at}
    return write(activity, changes | {"contact": contact, "subject": subject, "note": note})


@transaction.atomic
def move_activity(*, activity, day, actor, at=None, seen=None):
    """Plan it for `day` at the wall time `at` of its person (None: for the day alone). How long, and the reminder, stay.

    `seen` is `place_of(activity)` as the mover saw it: when somebody moved it meanwhile, DomainError.
    """
    activity = _planned(activity)
    if seen is not None and seen != place_of(activity):
        raise DomainError(_("Somebody moved this meanwhile. The calendar shows where it is now."))
    remind = (activity.starts_at - activity.remind_at).total_seconds() // 60 if activity.remind_at else None
    starts_at, remind_at = moments(day, at, ZoneInfo(activity.user.time_zone), remind)
    return write(activity, {"due_on": day, "starts_at": starts_at, "remind_at": remind_at})


def place_of(activity):
    """Where it stands in the calendar, as a page carries it: its day, and its minute when it has one."""
    local = local_start(activity)
    return f"{activity.due_on.isoformat()} {local:%H:%M}" if local else activity.due_on.isoformat()


def local_start(activity):
    """When it begins, in the time zone of whoever does it; None for a day alone."""
    return activity.starts_at and datetime.astimezone(activity.starts_at, ZoneInfo(activity.user.time_zone))


@transaction.atomic
def cancel_activity(*, activity, actor, following=False):
    """Take what is planned off the calendar; with `following`, also what comes after it in its series. Returns how many."""
    activity = _planned(activity)
    gone = Activity.objects.filter(pk=activity.pk)
    if following and activity.series:
        gone = Activity.objects.planned().filter(series=activity.series, due_on__gte=activity.due_on)
    return gone.delete()[1].get("accounts.Activity", 0)


def check_may_plan_for(actor, user, account):
    """Raise DomainError unless `actor` may put something at `account` into the calendar of `user`, who must see it."""
    scope = actor.scope
    if user.pk != actor.pk and not scope.sees_all_accounts and user.pk not in scope.account_people:
        raise DomainError(_("You plan for yourself and for the people whose accounts you see."), fields=["user"])
    if not user.is_active:
        raise DomainError(_("%(person)s no longer works here.") % {"person": user}, fields=["user"])
    if not Account.objects.visible_to(user).filter(pk=account.pk).exists():
        words = {"person": user, "account": account}
        raise DomainError(_("%(person)s does not see %(account)s. Let them cover it first.") % words, fields=["user"])


def _planned(activity):
    activity = locked(Activity.objects.select_related("account", "user"), activity.pk)
    if activity.is_done:
        raise DomainError(_("This has been done meanwhile."))
    return activity
