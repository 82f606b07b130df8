"""Months, quarters and years as half-open periods of days. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from `start` (inclusive) until `until` (exclusive)."""

    start: date
    until: date

    @property
    def last_day(self):
        return self.until - timedelta(days=1)

    def covers(self, day):
        return self.start <= day < self.until

    def working_days(self, holidays=frozenset()):
        """Number of Mondays to Fridays in the period that are not holidays."""
        days = (self.start + timedelta(days=i) for i in range((self.until - self.start).days))
        return sum(day.weekday() < 5 and day not in holidays for day in days)


def _first_of_month(day, months=0):
    """The first day of the month that lies `months` after the month of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def month_of(day):
    """The calendar month that `day` lies in."""
    return Period(_first_of_month(day), _first_of_month(day, 1))


def quarter_of(day):
    """The calendar quarter that `day` lies in."""
    start = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return Period(start, _first_of_month(start, 3))


def year_of(day):
    """The calendar year that `day` lies in."""
    return Period(date(day.year, 1, 1), date(day.year + 1, 1, 1))


def months(first, last):
    """The months from that of `first` to that of `last`, both included, in order."""
    month, out = month_of(first), []
    while month.start <= last:
        out.append(month)
        month = month_of(month.until)
    return out


def last_complete_months(day, count):
    """The `count` whole months before the month of `day`, as one period."""
    until = month_of(day).start
    return Period(_first_of_month(until, -count), until)
