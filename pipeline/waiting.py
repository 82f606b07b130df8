"""How much working time is left on a clock, in words: a lead's to be answered, a handoff's to be decided."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from salesorg.lib.working_time import elapsed
from salesorg.people.models import User
from salesorg.people.working import calendars_of

WORKING_DAY = 8  # hours, when working time is told in days
SOON = timedelta(hours=WORKING_DAY)  # to decide on a handoff


@dataclass(frozen=True, slots=True)
class Clock:
    """What a row says of its clock."""

    words: str = ""
    tone: str = ""


def clock_of(due, calendar, now, soon):
    """The working time left until `due`, a warning from `soon` on, or by how much it ran out."""
    if due <= now:
        over = elapsed(calendar, due, now)
        return Clock(_("%(time)s late") % {"time": in_short(over)} if over else _("late"), "bad")
    left = elapsed(calendar, now, due)
    return Clock(_("%(time)s left") % {"time": in_short(left)}, "warn" if left <= soon else "good")


def in_short(working):
    """Working time in words: "45 min", "3 h 20 min"; from ten hours on in hours, from five days of eight hours on in days."""
    minutes = int(working.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    if hours == 0:
        return ngettext("%(n)s min", "%(n)s min", rest) % {"n": rest}
    if hours >= 5 * WORKING_DAY:
        days = hours // WORKING_DAY
        return ngettext("%(n)s working day", "%(n)s working days", days) % {"n": days}
    if hours >= 10 or rest == 0:
        return _("%(n)s h") % {"n": hours}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}


def with_clocks(handoffs, now=None):
    """`handoffs` (rows), each waiting one with its `clock`, in two queries."""
    now = now or timezone.now()
    waiting = [each for each in handoffs if each.is_waiting]
    takers = {each.taker_id: each.taker or User() for each in waiting}
    calendars = calendars_of(takers.values(), since=now.date() - timedelta(days=400)) if takers else {}
    for each in waiting:
        each.clock = clock_of(each.decide_by, calendars[each.taker_id], now, SOON)
    return handoffs
