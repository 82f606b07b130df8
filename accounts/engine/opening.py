"""Opening hours as people write them ("Mo-Fr 08:00-12:00,13:00-17:00; Sa 09:00-12:00") and as a route needs them.

The notation is the common part of OpenStreetMap's opening_hours: days, then ranges of time; a later part replaces
what an earlier one said of the same day.
"""

import re

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MIDNIGHT = 24 * 60  # minutes
_RANGE = re.compile(r"(\d{1,2})(?::?(\d\d))?-(\d{1,2})(?::?(\d\d))?")
_DAY = {day.casefold(): number for number, day in enumerate(DAYS)}


class NotHours(ValueError):
    """The text is no opening hours; its message is the part that cannot be read."""


def parse(text):
    """The week as seven tuples of (opens, closes) in minutes of the day. Raises NotHours."""
    week = [()] * 7
    for part in filter(None, (each.strip() for each in text.split(";"))):
        days, _space, hours = part.rpartition(" ")
        ranges = () if hours.casefold() in {"off", "closed"} else _ranges(hours, part)
        for day in _days(days.replace(" ", ""), part):
            week[day] = ranges
    return tuple(week)


def _days(text, part):
    if not text:
        return range(7)
    found = []
    for each in text.split(","):
        first, _dash, last = each.partition("-")
        try:
            first, last = _DAY[first[:2].casefold()], _DAY[(last or first)[:2].casefold()]
        except KeyError:
            raise NotHours(part) from None
        found += range(first, last + 1) if first <= last else [*range(first, 7), *range(last + 1)]
    return found


def _ranges(text, part):
    ranges = []
    for each in text.split(","):
        match = _RANGE.fullmatch(each)
        if not match:
            raise NotHours(part)
        from_hour, from_minute, to_hour, to_minute = (int(number or 0) for number in match.groups())
        opens, closes = from_hour * 60 + from_minute, to_hour * 60 + to_minute
        if max(from_minute, to_minute) > 59 or not opens < closes <= MIDNIGHT or (ranges and opens < ranges[-1][1]):
            raise NotHours(part)
        ranges.append((opens, closes))
    return tuple(ranges)


def tidy(text):
    """The same hours in one notation: days that are alike together, times with minutes. Raises NotHours."""
    week = parse(text)
    parts, day = [], 0
    while day < 7:
        last = day
        while last < 6 and week[last + 1] == week[day]:
            last += 1
        if week[day]:
            days = DAYS[day] if day == last else f"{DAYS[day]}-{DAYS[last]}"
            parts.append(f"{days} {','.join(f'{clock(opens)}-{clock(closes)}' for opens, closes in week[day])}")
        day = last + 1
    return "; ".join(parts)


def open_on(text, day):
    """The ranges of a date, in minutes of the day; the whole day where no hours are known."""
    return parse(text)[day.weekday()] if text else ((0, MIDNIGHT),)


def clock(minutes):
    """Minutes of the day as a clock shows them: 485 → "08:05"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
