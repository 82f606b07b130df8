"""Counts and sums of deals, computed in the database: by stage for the board, by person for the review."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count, Sum, Value

from pipeline.models import Status


@dataclass(slots=True)
class Sums:
    """How many deals, and their amounts by currency; weighted is amount × the stage's probability."""

    count: int = 0
    amounts: dict = field(default_factory=dict)
    weighted: dict = field(default_factory=dict)
    rotting: int = 0

    @property
    def currency(self):
        """The one currency of the sums; empty when there are several or none."""
        return next(iter(self.amounts)) if len(self.amounts) == 1 else ""

    def add(self, currency, count, amount, probability=0):
        self.count += count
        amount = amount or Decimal(0)
        self.amounts[currency] = self.amounts.get(currency, Decimal(0)) + amount
        self.weighted[currency] = self.weighted.get(currency, Decimal(0)) + amount * probability / 100

    def plus(self, other):
        """Take in what `other` has."""
        self.count += other.count
        for currency, amount in other.amounts.items():
            self.amounts[currency] = self.amounts.get(currency, Decimal(0)) + amount
        for currency, amount in other.weighted.items():
            self.weighted[currency] = self.weighted.get(currency, Decimal(0)) + amount


def totals(deals, amount="amount"):
    """Sums over `deals` (a queryset), in one query."""
    found = Sums()
    for currency, count, summed in deals.order_by().values_list("currency").annotate(Count("pk"), Sum(amount)):
        found.add(currency, count, summed)
    return found


def by_account(deals):
    """{(account id, status): Sums} of open and won `deals`, in one query."""
    found = {}
    rows = deals.filter(status__in=[Status.OPEN, Status.WON]).order_by().values_list("account_id", "status", "currency")
    for account, status, currency, count, amount in rows.annotate(Count("pk"), Sum("amount")):
        found.setdefault((account, status), Sums()).add(currency, count, amount)
    return found


def by_stage(deals, stages, prefix="", rotting=None):
    """{stage id: Sums} of `deals`, in one query; `prefix` names the columns of a past day, `rotting` (Q) what is too old."""
    found = {stage.pk: Sums() for stage in stages}
    probability = {stage.pk: stage.probability for stage in stages}
    figures = {"n": Count("pk"), "sum": Sum(f"{prefix}amount"), "old": Count("pk", filter=rotting) if rotting else Value(0)}
    rows = deals.order_by().values_list(f"{prefix}stage_id", "currency").annotate(**figures)
    for stage, currency, count, amount, old in rows:
        if stage in found:
            found[stage].add(currency, count, amount, probability[stage])
            found[stage].rotting += old
    return found


@dataclass(slots=True)
class Person:
    """One person's pipeline and what closed in the period."""

    user: object
    open: dict  # stage id → Sums
    total: Sums = field(default_factory=Sums)  # of all open stages
    won: Sums = field(default_factory=Sums)
    lost: Sums = field(default_factory=Sums)

    @property
    def win_rate(self):
        """Won ÷ (won + lost) of the period, as a fraction; None when nothing closed."""
        return win_rate(self.won.count, self.lost.count)


@dataclass(slots=True)
class Review:
    """The pipeline of a team: everybody in it, and all of them together."""

    people: list
    together: Person


def win_rate(won, lost):
    return Fraction(won, won + lost) if won + lost else None


def review(opened, closed, stages, people_by_id, prefix=""):
    """The Review of `opened` deals by stage and owner and of `closed` ones by owner and outcome, in two queries.

    A closed deal counts for its owner, who is the one of the day it closed: closed deals change no owner.
    `people_by_id` maps ids to people once the ids are known; `prefix` names the columns of a past day.
    """
    by_id = {stage.pk: stage for stage in stages}
    keys = (f"{prefix}owner_id", f"{prefix}stage_id", "currency")
    figures = (Count("pk"), Sum(f"{prefix}amount"))
    open_rows = list(opened.order_by().values_list(*keys).annotate(*figures))
    closed_rows = list(closed.order_by().values_list(*keys).annotate(*figures))
    users = people_by_id({row[0] for row in open_rows + closed_rows})
    empty = [stage.pk for stage in stages if stage.status == Status.OPEN]
    found = {pk: Person(user, {stage: Sums() for stage in empty}) for pk, user in users.items()}
    for owner, stage, currency, count, amount in open_rows:
        found[owner].open[stage].add(currency, count, amount, by_id[stage].probability)
    for owner, stage, currency, count, amount in closed_rows:
        sums = found[owner].won if by_id[stage].status == Status.WON else found[owner].lost
        sums.add(currency, count, amount)
    together = Person(None, {stage: Sums() for stage in empty})
    for person in found.values():
        for stage, sums in person.open.items():
            person.total.plus(sums)
            together.open[stage].plus(sums)
        together.total.plus(person.total)
        together.won.plus(person.won)
        together.lost.plus(person.lost)
    return Review(sorted(found.values(), key=lambda person: (-person.total.count, person.user.name)), together)
