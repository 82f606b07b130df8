"""How many of the deals that closed were won, by whatever one may compare: counted in the database, deals weighed alike."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from statistics import median

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, CharField, Count, F, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Cast, Concat, TruncMonth

from accounts.models import Sighting
from pipeline.engine.intervals import FEW, wilson
from pipeline.models import Status
from pipeline.reports.leads import DaysBetween
from pipeline.selections.facts import SIZES, employees_between


@dataclass(slots=True)
class Rate:
    """What closed of one kind: counts, what was won by currency, and the days that each won deal took from opening to win."""

    key: object = None
    won: int = 0
    lost: int = 0
    amounts: dict = field(default_factory=dict)
    won_in: dict = field(default_factory=dict)  # currency → won deals
    days: list = field(default_factory=list)

    @property
    def closed(self):
        return self.won + self.lost

    @property
    def share(self):
        """Won ÷ (won + lost); None when nothing closed."""
        return Decimal(self.won) / self.closed if self.closed else None

    @property
    def interval(self):
        """(lowest, highest) share that is likely behind this one: intervals.wilson."""
        return wilson(self.won, self.closed)

    @property
    def is_small(self):
        return self.closed < FEW

    @property
    def cycle(self):
        """Median days from opening to win; None when none is known."""
        return median(self.days) if self.days else None

    def add(self, won, lost, currency, amount, days):
        self.won, self.lost = self.won + won, self.lost + lost
        if won:
            self.amounts[currency] = self.amounts.get(currency, Decimal(0)) + (amount or Decimal(0))
            self.won_in[currency] = self.won_in.get(currency, 0) + won
        self.days += [each for each in days or () if each is not None]

    def take_in(self, other):
        self.won, self.lost, self.days = self.won + other.won, self.lost + other.lost, self.days + other.days
        for currency, amount in other.amounts.items():
            self.amounts[currency] = self.amounts.get(currency, Decimal(0)) + amount
        for currency, won in other.won_in.items():
            self.won_in[currency] = self.won_in.get(currency, 0) + won

    def average(self, currency):
        """What a deal won in `currency` brought on average; None when none was."""
        return self.amounts[currency] / self.won_in[currency] if self.won_in.get(currency) else None


def together(rates):
    """One Rate of several that share no deal."""
    found = Rate()
    for each in rates:
        found.take_in(each)
    return found


def rates(closed, selection, by):
    """[Rate] of the deals `closed` (a queryset of `selection`), one for each value of `by`: a name of KEYS; in one query.

    Each deal counts for its owner on the day of closing: closed deals change no owner. A key of None holds the deals of
    which it is not known, or not for the reader.
    """
    return _grouped(closed, selection, KEYS[by](selection))


def _grouped(closed, selection, key, ids=None):
    won = selection.by_status(Status.WON)
    taken = DaysBetween(selection.column("close_date"), "opened_on", output_field=IntegerField())
    rows = (
        closed.order_by()
        .annotate(group=key)
        .values_list("group", "currency")
        .annotate(
            won=Count("pk", filter=won),
            lost=Count("pk", filter=~won),
            amount=Sum(selection.column("amount"), filter=won),
            days=ArrayAgg(taken, filter=won & Q(opened_on__isnull=False)),
        )
    )
    found = {}
    for group, currency, *figures in rows:
        found.setdefault(group, Rate(group)).add(figures[0], figures[1], currency, *figures[2:])
    return list(found.values())


def by_competitor(closed, selection, whole):
    """[Rate] by each competitor seen at the account while the deal was open; a deal where two were seen counts for both.

    None: nobody was seen; what is left of `whole`, the Rate of all of `closed`. In two queries.
    """
    at = "account__deals"
    pairs = Sighting.objects.visible_to(selection.user).filter(
        **{f"{at}__in": closed.order_by().values("pk"), "seen_on__gte": F(f"{at}__opened_on")},
        seen_on__lte=F(f"{at}__close_date"),
    )
    seen = {}
    for competitor, deal in pairs.order_by().values_list("competitor_id", f"{at}__pk").distinct():
        seen.setdefault(competitor, []).append(deal)
    facts = {row[0]: row[1:] for row in _facts(closed, selection, {deal for deals in seen.values() for deal in deals})}
    found = [_of_deals(competitor, (facts[deal] for deal in deals)) for competitor, deals in seen.items()]
    somebody = _of_deals(None, facts.values())
    nobody = Rate(None, whole.won - somebody.won, whole.lost - somebody.lost)
    nobody.amounts = {code: amount - somebody.amounts.get(code, 0) for code, amount in whole.amounts.items()}
    nobody.won_in = {code: won - somebody.won_in.get(code, 0) for code, won in whole.won_in.items()}
    nobody.days = list((Counter(whole.days) - Counter(somebody.days)).elements())
    return [*found, nobody] if nobody.closed else found


def _of_deals(key, facts):
    """The Rate of deals of which each is told as (won?, currency, amount, days)."""
    rate = Rate(key)
    for won, currency, amount, days in facts:
        rate.add(int(won), int(not won), currency, amount, [days] if won else ())
    return rate


def _facts(closed, selection, deals):
    """(deal, won?, currency, amount, days) of the deals with these ids."""
    won = Case(When(selection.by_status(Status.WON), then=Value(1)), default=Value(0), output_field=IntegerField())
    taken = DaysBetween(selection.column("close_date"), "opened_on", output_field=IntegerField())
    rows = closed.order_by().filter(pk__in=deals).annotate(is_won=won, taken=taken)
    return rows.values_list("pk", "is_won", "currency", selection.column("amount"), "taken")


def by_team(closed, selection, tree, span):
    """([Rate] by team, the Rate of all): of everybody who was in it, or in one below it, when the deal closed.

    `tree` is a TeamTree; the `span` of days holds all of `closed`. None: in no team. In two queries.
    """
    owner, moved = selection.column("owner_id"), tree.came_or_left(span.first, span.last)
    found, those = {}, Q(**{f"{owner}__in": moved})
    settled = [(rate, tree.of(rate.key)) for rate in rates(closed.exclude(those) if moved else closed, selection, "owner")]
    day = Concat(Cast(F(owner), CharField()), Value(" "), Cast(selection.column("close_date"), CharField()))
    on_days = _grouped(closed.filter(those), selection, day) if moved else []
    for rate, teams in [*settled, *((rate, _teams_then(rate.key, tree)) for rate in on_days)]:
        for team in teams:
            found.setdefault(team, Rate(team)).take_in(rate)
    return list(found.values()), together([rate for rate, _teams in settled] + on_days)


def _teams_then(key, tree):
    person, day = key.split()
    return tree.of(int(person), date.fromisoformat(day))


def seen_only(seen, known):
    """`known` where the reader may see the record that says so; else nothing."""
    return Case(When(seen, then=known), default=None) if seen else known


def _of_size(selection):
    """The key of SIZES that the number of employees falls into."""
    cases = [When(employees_between(few, most) & selection.seen_accounts, then=Value(key)) for key, few, most, _words in SIZES]
    return Case(*cases, default=None, output_field=CharField())


def _of_sector(selection):
    known = Q(account__industry__gt="") & selection.seen_accounts
    return Case(When(known, then=F("account__industry")), default=None)


KEYS = {
    "owner": lambda selection: F(selection.column("owner_id")),
    "product": lambda selection: F("product_id"),
    "source": lambda selection: seen_only(selection.seen_leads, F("lead__source_id")),
    "sector": _of_sector,
    "size": _of_size,
    "month": lambda selection: TruncMonth(selection.column("close_date")),
}
