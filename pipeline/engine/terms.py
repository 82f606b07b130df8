"""The arithmetic of contract terms: how long they are, what the same again would be, what a year of them is worth. Pure."""

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction

YEAR = 365  # days: for terms that are not whole months


def months_after(day, months):
    """The day so many months after `day`; where that month is too short, its last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def whole_months(start, until):
    """How many months [start, until) lasts; None when it is not whole months."""
    months = (until.year - start.year) * 12 + until.month - start.month
    return months if months > 0 and months_after(start, months) == until else None


def years_of(start, until):
    """How many years [start, until) lasts, exactly: whole months by twelve, else days by 365."""
    months = whole_months(start, until)
    return Fraction(months, 12) if months else Fraction((until - start).days, YEAR)


def same_again(start, until):
    """(start, until) of a term of the same length that begins when [start, until) ends."""
    months = whole_months(start, until)
    return until, months_after(until, months) if months else until + (until - start)


def notice_by(until, notice_days):
    """The last day on which notice can be given for a term that ends before `until`."""
    return until - timedelta(days=notice_days + 1)
