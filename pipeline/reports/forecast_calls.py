"""How calls moved over the weeks of a period, and how right those of earlier periods were in the end."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import zip_longest

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from pipeline.models import ForecastCall, Status

BEFORE = 4  # earlier periods that are looked back on
SHOWN = 60  # calls of a period on the page


@dataclass(slots=True)
class Past:
    """A period that is over: the first and the last call on it, and what closed."""

    period: object
    first: ForecastCall
    last: ForecastCall
    closed: Decimal

    @property
    def off(self):
        """How far the last commit was above (+) or below (−) what closed, as a share of it; None when nothing did."""
        return (self.last.commit - self.closed) / self.closed if self.closed else None

    @property
    def off_by(self):
        return abs(self.off)


def calls_of(selection, period, until=None):
    """The calls on `period` of the unit that `selection` names, the latest first, each with `before`: the one before it."""
    person, team = selection.unit
    if not (person or team):
        return []
    calls = ForecastCall.objects.visible_to(selection.user).of(person, team).on(period)
    calls = calls.filter(at__lte=until) if until else calls
    found = list(calls.select_related("owner").order_by("-at", "-pk")[:SHOWN])
    for call, before in zip_longest(found, found[1:]):
        call.before = before
        call.step = call.commit - before.commit if before else None
    return found


def earlier(selection, currency):
    """The Past periods before the one shown that anybody called, the latest first; two queries."""
    person, team = selection.unit
    periods, day = [], selection.days.start
    for _each in range(BEFORE):
        periods.append(selection.period_of(day - timedelta(days=1)))
        day = periods[-1].start
    calls = ForecastCall.objects.visible_to(selection.user).of(person, team)
    calls = calls.filter(start__gte=periods[-1].start, until__lte=periods[0].until).order_by("at", "pk")
    by_period = {}
    for call in calls if person or team else ():
        by_period.setdefault(call.period, []).append(call)
    if not by_period.keys() & set(periods):
        return []
    closed = _closed_by_month(selection, periods[-1].start, periods[0].last_day, currency)
    return [
        Past(each, by_period[each][0], by_period[each][-1], sum((closed[day] for day in closed if each.covers(day)), Decimal(0)))
        for each in periods
        if each in by_period
    ]


def _closed_by_month(selection, first, last, currency):
    """{first day of a month: what was won in it}."""
    won = selection.deals(leave_out={"status", "close_from", "close_to", "category", "currency"}).filter(
        selection.by_status(Status.WON), selection.by_close_from(first), selection.by_close_to(last), currency=currency
    )
    months = won.order_by().annotate(month=TruncMonth(selection.column("close_date")))
    sums = months.values_list("month").annotate(Sum(selection.column("amount")))
    return {month: summed or Decimal(0) for month, summed in sums}
