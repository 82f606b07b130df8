"""How much time is left on a handoff's clock, in the working hours of whoever decides, in words."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from salesorg.lib.working_time import elapsed
from salesorg.people.models import User
from salesorg.people.working import calendars_of

SOON = timedelta(hours=8)  # working hours: a day


def hours_words(working):
    """Working time in words: minutes below an hour, else hours."""
    minutes = int(working.total_seconds() // 60)
    if minutes < 60:
        return ngettext("%(n)d working minute", "%(n)d working minutes", minutes) % {"n": minutes}
    return ngettext("%(n)d working hour", "%(n)d working hours", minutes // 60) % {"n": minutes // 60}


def short_words(working):
    """Working time as a figure: "7 h", "12 min"."""
    minutes = int(working.total_seconds() // 60)
    return _("%(n)d min") % {"n": minutes} if minutes < 60 else _("%(n)d h") % {"n": minutes // 60}


def with_time_left(handoffs, now=None):
    """`handoffs` (rows), each waiting one with `left_words` and `left_tone`, in two queries."""
    now = now or timezone.now()
    waiting = [each for each in handoffs if each.is_waiting]
    takers = {each.taker_id: each.taker or User() for each in waiting}
    calendars = calendars_of(takers.values(), since=now.date() - timedelta(days=400)) if takers else {}
    for each in waiting:
        each.left_words, each.left_tone = _left(calendars[each.taker_id], each, now)
    return handoffs


def _left(calendar, handoff, now):
    if handoff.decide_by <= now:
        late = elapsed(calendar, handoff.decide_by, now)
        return _("overdue by %(time)s") % {"time": hours_words(late)}, "bad"
    left = elapsed(calendar, now, handoff.decide_by)
    return _("%(time)s left") % {"time": hours_words(left)}, "warn" if left <= SOON else ""
