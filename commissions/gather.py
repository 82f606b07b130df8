"""What the engine is handed: plans, quotas, credits and what was posted before, as plain values in six queries."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Max, Min, Sum

from salesorg.lib.money import to_minor
from salesorg.lib.periods import Period as Days
from salesorg.lib.periods import month_of, months

from . import engine
from .models import Credit, LedgerEntry, Measure, Period, PlanAssignment, PlanVersion, Quota


@dataclass(frozen=True, slots=True)
class Posted:
    """What the ledger holds for one credit and component."""

    amount: int
    entries: int
    first: int  # the entry that corrections point at


@dataclass(slots=True)
class Group:
    """One payee and one month: the unit that is always computed as a whole."""

    payee_id: int
    month: date
    version: PlanVersion | None = None
    quotas: dict = field(default_factory=dict)  # measure → engine.Quota
    credits: list = field(default_factory=list)  # engine.Credit in the order they were credited
    posted: dict = field(default_factory=dict)  # (credit id, component) → Posted

    def earn(self, plans):
        """The engine's answer. `plans`: id → engine.Plan, parsed once for all groups."""
        if self.version is None:
            return engine.earn(None, "", {}, self.credits)
        return engine.earn(plans[self.version.pk], self.version.currency, self.quotas, self.credits)


@dataclass(frozen=True, slots=True)
class World:
    """Everything needed to compute the pay of some people for some months."""

    groups: dict  # (payee id, month) → Group
    plans: dict  # plan version id → engine.Plan
    periods: dict  # month → Period
    reverses: dict  # credit id → the credit it takes back


def gather(*, payees, days):
    """The World of `payees` (ids) in the months of `days` (lib.periods.Period of whole months)."""
    groups = {}

    def group(payee, month):
        if (payee, month) not in groups:
            groups[payee, month] = Group(payee, month)
        return groups[payee, month]

    reverses = _credits(payees, days, group)
    _posted(payees, days, group)
    _quotas(payees, days, group)
    versions = _assignments(payees, days, group)
    periods = {period.start: period for period in Period.objects.filter(start__gte=days.start, start__lt=days.until)}
    return World(groups, {pk: version.plan for pk, version in versions.items()}, periods, reverses)


def open_periods(*, until):
    """Make the Period rows that are missing: from the first credited month to that of `until`, or of a later credit."""
    credited = Credit.objects.aggregate(first=Min("on"), last=Max("on"))
    if credited["first"]:
        wanted = {month.start for month in months(credited["first"], max(until, credited["last"]))}
        missing = wanted - set(Period.objects.values_list("start", flat=True))
        Period.objects.bulk_create([Period(start=start) for start in sorted(missing)], ignore_conflicts=True)


def _credits(payees, days, group):
    words = {measure.value: measure.word for measure in Measure}
    month_starts, reverses = {}, {}
    rows = Credit.objects.filter(payee_id__in=payees).earned_in(days).order_by("pk")
    for pk, payee, on, measure, amount, currency, back in rows.values_list(
        "pk", "payee_id", "on", "measure", "amount", "currency", "reverses_id"
    ):
        month = month_starts.get(on) or month_starts.setdefault(on, month_of(on).start)
        group(payee, month).credits.append(engine.Credit(pk, words[measure], amount, currency))
        if back:
            reverses[pk] = back
    return reverses


def _posted(payees, days, group):
    rows = (
        LedgerEntry.objects.filter(payee_id__in=payees, period_earned__start__gte=days.start, period_earned__start__lt=days.until)
        .values_list("payee_id", "period_earned__start", "credit_id", "component")
        .annotate(Sum("amount"), Count("pk"), Min("pk"))
    )
    for payee, month, credit, component, amount, entries, first in rows:
        group(payee, month).posted[credit, component] = Posted(int(amount), entries, first)


def _quotas(payees, days, group):
    for quota in Quota.objects.filter(user_id__in=payees, during__overlap=(days.start, days.until)):
        value = engine.Quota(to_minor(quota.amount, quota.currency), quota.currency)
        for month in _months_within(quota.during, days):
            group(quota.user_id, month).quotas[Measure(quota.measure).word] = value


def _assignments(payees, days, group):
    versions = {}
    rows = PlanAssignment.objects.filter(user_id__in=payees, during__overlap=(days.start, days.until))
    for assignment in rows.select_related("plan_version"):
        version = versions.setdefault(assignment.plan_version_id, assignment.plan_version)
        for month in _months_within(assignment.during, days):
            group(assignment.user_id, month).version = version
    return versions


def _months_within(during, days):
    start = max(during.lower, days.start)
    until = min(during.upper or days.until, days.until)
    return [month.start for month in months(start, Days(start, until).last_day)]


def payees_by_year():
    """What is to be computed: {year: sorted payee ids} of everybody with credits or a plan in that year."""
    found = defaultdict(set)
    for payee, year in Credit.objects.values_list("payee_id", "on__year").distinct():
        found[year].add(payee)
    for year in list(found):
        days = (date(year, 1, 1), date(year + 1, 1, 1))
        found[year].update(PlanAssignment.objects.filter(during__overlap=days).values_list("user_id", flat=True))
    return {year: sorted(payees) for year, payees in sorted(found.items())}
