"""Attainment and pay, added up for pages and exports."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Max, Sum
from django.db.models.functions import TruncMonth

from salesorg.lib.money import from_minor
from salesorg.lib.periods import Period, last_complete_months, month_of, months
from salesorg.people.models import User
from salesorg.people.working import public_holidays

from .models import Credit, Measure, Quota, Statement


def ratio(value, target):
    """`value` ÷ `target` (Decimal), or None without a target."""
    return value / target if target else None


def pace(month, today, holidays):
    """How much of `month` (its first day) is over on the evening of `today`, by working days: a Decimal from 0 to 1.

    A month of holidays alone is over with its last day.
    """
    days = month_of(month)
    if today < days.start:
        return Decimal(0)
    if today >= days.last_day:
        return Decimal(1)
    gone = Period(days.start, today + timedelta(days=1))
    return Decimal(gone.working_days(holidays)) / (days.working_days(holidays) or 1)


@dataclass
class Cell:
    """A person's month: won value credited against quota, in major units."""

    person_id: int
    month: date
    pace: Decimal
    credited: Decimal = Decimal(0)
    quota: Decimal | None = None

    @property
    def attainment(self):
        return ratio(self.credited, self.quota)

    @property
    def tone(self):
        """Good at the pace of the working days, at risk from four fifths of it, else late."""
        if self.quota is None:
            return ""
        due = self.quota * self.pace
        return "good" if self.credited >= due else "warn" if self.credited >= due * Decimal("0.8") else "bad"


@dataclass
class Row:
    person: User | None
    cells: list
    total: Cell = field(default=None)


def attainment_table(user, until, currency, count=6):
    """The attainment that `user` may see, in `currency`: (months, a Row per person by name, the Row of the sums).

    The months are the `count` up to that of `until`. Four queries, whatever the number of people.
    """
    last = month_of(until)
    days = type(last)(last_complete_months(last.until, count).start, last.until)
    starts = [month.start for month in months(days.start, days.last_day)]
    holidays = public_holidays(days.start)
    paces = {start: pace(start, user.today, holidays) for start in starts}
    cells = {}

    def cell(person, month):
        return cells.setdefault((person, month), Cell(person, month, paces[month]))

    credits = Credit.objects.visible_to(user).filter(measure=Measure.REVENUE, currency=currency).earned_in(days)
    for person, month, amount in (
        credits.annotate(month=TruncMonth("on")).values_list("payee_id", "month").annotate(Sum("amount")).order_by()
    ):
        cell(person, month).credited = from_minor(int(amount), currency)
    quotas = Quota.objects.visible_to(user).filter(
        measure=Measure.REVENUE, currency=currency, during__overlap=(days.start, days.until)
    )
    for quota in quotas:
        for start in starts:
            if quota.during.lower <= start and (quota.during.upper is None or start < quota.during.upper):
                cell(quota.user_id, start).quota = quota.amount
    people = User.objects.visible_to(user).filter(pk__in={person for person, _month in cells}).order_by("name", "pk")
    rows = [_row(person, [cell(person.pk, start) for start in starts]) for person in people]
    return starts, rows, _sums(rows, starts, paces)


def _row(person, cells):
    quotas = [each.quota for each in cells if each.quota is not None]
    due = [each.quota * each.pace for each in cells if each.quota is not None]
    total = Cell(cells[0].person_id, cells[0].month, ratio(sum(due), sum(quotas)) or Decimal(0))
    total.credited, total.quota = sum(each.credited for each in cells), sum(quotas) if quotas else None
    return Row(person, cells, total)


def _sums(rows, starts, paces):
    cells = []
    for index, start in enumerate(starts):
        column = [row.cells[index] for row in rows]
        quotas = [each.quota for each in column if each.quota is not None]
        cells.append(
            Cell(0, start, paces[start], sum((each.credited for each in column), Decimal(0)), sum(quotas) if quotas else None)
        )
    return _row(None, cells)


def last_credited_month(user, today):
    """The month a page of attainment opens on: the last with a credit that `user` sees, at most the current one."""
    last = Credit.objects.visible_to(user).filter(on__lt=month_of(today).until).aggregate(last=Max("on"))["last"]
    return month_of(last or today).start


def period_totals(user):
    """{period id: [{currency, total (major units), statements}]} of the statements that `user` may see."""
    found = defaultdict(list)
    rows = Statement.objects.visible_to(user).values("period_id", "currency").annotate(sum=Sum("total"), statements=Count("pk"))
    for row in rows.order_by("currency"):
        row["total"] = from_minor(int(row.pop("sum")), row["currency"])
        found[row["period_id"]].append(row)
    return found
