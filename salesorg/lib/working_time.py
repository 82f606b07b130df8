"""Working hours: how much of somebody's working time lies between two moments, and when a clock in it runs out. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
NOTHING = timedelta()
HORIZON = timedelta(days=800)  # who has no working hour in two years is waited for no longer


@dataclass(frozen=True, slots=True)
class WorkingWeek:
    """The hours of seven days, Monday first: (opens, closes) by the wall clock in `zone`, or None for a day off.

    A day that closes at 00:00 is open until midnight; one that closes when it opens, or before, is a day off.
    """

    hours: tuple
    zone: str = "UTC"

    def __post_init__(self):
        if len(self.hours) != 7:
            raise ValueError(f"A week has seven days, not {len(self.hours)}.")


@dataclass(frozen=True, slots=True)
class Calendar:
    """A working week less the days of absence, and those on which nobody works."""

    week: WorkingWeek
    away: frozenset[date] = frozenset()
    holidays: frozenset[date] = frozenset()

    def span(self, day):
        """(opens, closes) on `day` as moments in UTC, None on a day off."""
        hours = self.week.hours[day.weekday()]
        if hours is None or day in self.away or day in self.holidays:
            return None
        opens, closes = hours
        zone = ZoneInfo(self.week.zone)
        last = day + DAY if closes == time(0) else day
        if closes <= opens and last == day:
            return None
        start = datetime.combine(day, opens, zone).astimezone(UTC)
        # Of an hour that the clocks repeat, both are worked.
        end = max(datetime.combine(last, closes.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
        return (start, end) if start < end else None

    def spans(self, start, end):
        """The working spans between two moments, in order, cut to them."""
        zone = ZoneInfo(self.week.zone)
        day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        while day <= last:
            if span := self.span(day):
                opens, closes = max(span[0], start), min(span[1], end)
                if opens < closes:
                    yield opens, closes
            day += DAY


def elapsed(calendar, start, end):
    """The working time from `start` to `end` (aware moments) as a timedelta; nothing when `end` is not after `start`."""
    return sum((closes - opens for opens, closes in calendar.spans(start, end)), NOTHING)


def due(calendar, start, working):
    """The first moment, in UTC, by which `working` (a timedelta) of working time has gone by since `start`.

    `start` itself for nothing; HORIZON after it where so much never comes.
    """
    left, end = working, start.astimezone(UTC) + HORIZON
    if left <= NOTHING:
        return start.astimezone(UTC)
    for opens, closes in calendar.spans(start.astimezone(UTC), end):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    return end


def first_day(calendar, day):
    """The first day from `day` on with working hours; None where there is none within HORIZON."""
    days = (day + timedelta(days=i) for i in range(HORIZON.days))
    return next((each for each in days if calendar.span(each)), None)
