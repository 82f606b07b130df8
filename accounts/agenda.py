"""One person's days as a calendar shows them: what has a day alone, and what has a time, side by side where it overlaps."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.engine.timing import lanes

from .models import Activity
from .services.planning import place_of
from .timeline import dressed

FIRST_HOUR, LAST_HOUR = 7, 19  # shown unless something lies outside
SHORTEST = 30  # minutes; a shorter one could be neither read nor taken hold of
MOST = 500  # rows of one week of one person


@dataclass(slots=True)
class Entry:
    """An activity in a day. `start` and `length` are minutes of the day; without a time both are 0."""

    activity: Activity
    start: int = 0
    length: int = 0
    lane: int = 0
    lanes: int = 1
    clock: str = ""
    place: str = ""


@dataclass(slots=True)
class Day:
    day: date
    is_today: bool
    all_day: list = field(default_factory=list)
    timed: list = field(default_factory=list)


def days_of(viewer, person, first, count, now):
    """(`count` Days from `first` of what the viewer may see in the calendar of `person`, in that person's time zone; whether
    more than MOST stands there, which is left out)."""
    zone = ZoneInfo(person.time_zone)
    days = {first + timedelta(days=i): None for i in range(count)}
    today = now.astimezone(zone).date()
    days = {day: Day(day, day == today) for day in days}
    until = first + timedelta(days=count)
    theirs = Activity.objects.visible_to(viewer, few=True).filter(user=person).select_related("account", "contact")
    planned = theirs.planned().filter(due_on__gte=first, due_on__lt=until).order_by("due_on", "pk")[: MOST + 1]
    done = theirs.done().filter(
        done_at__gte=datetime.combine(first, time.min, zone), done_at__lt=datetime.combine(until, time.min, zone)
    )
    planned, done = list(planned), list(done.order_by("done_at", "pk")[: MOST + 1])
    for activity in [*planned[:MOST], *done[:MOST]]:
        activity.user = person  # the same row for all
        _place(days, dressed(activity), zone)
    for day in days.values():
        for entry, (lane, of) in zip(day.timed, lanes([(e.start, e.start + e.length) for e in day.timed]), strict=True):
            entry.lane, entry.lanes = lane, of
        day.timed.sort(key=lambda entry: (entry.start, entry.lane))
    return list(days.values()), max(len(planned), len(done)) > MOST


def _place(days, activity, zone):
    if activity.is_done:
        start = activity.done_at.astimezone(zone)
    else:
        start = activity.starts_at and activity.starts_at.astimezone(zone)
    day = days.get(start.date() if start and activity.is_done else activity.due_on)
    if day is None:  # its due day was set without its moment, or the clocks have changed since
        return
    place = "" if activity.is_done else place_of(activity)
    if start is None:
        day.all_day.append(Entry(activity, place=place))
        return
    minute = start.hour * 60 + start.minute
    length = min(max(activity.minutes or SHORTEST, SHORTEST), 24 * 60 - minute)
    if length < SHORTEST:  # begins just before midnight
        minute, length = 24 * 60 - SHORTEST, SHORTEST
    day.timed.append(Entry(activity, minute, length, clock=f"{start:%H:%M}", place=place))


def hours_of(days):
    """(first, last) hour to draw: the working day, and more where something lies outside it."""
    starts = [entry.start // 60 for day in days for entry in day.timed]
    ends = [-(-(entry.start + entry.length) // 60) for day in days for entry in day.timed]
    return min([FIRST_HOUR, *starts]), max([LAST_HOUR, *ends])
