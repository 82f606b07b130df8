"""Which spend tier an account's figures give, and why. Pure: frozen values in, a decision out, no clock, no database.

Amounts are Decimals of one currency. A tier begins at its threshold. Around each threshold lies a band, so that a customer
whose spend hovers there does not change hands with every month: one rises only on reaching threshold × (1 + band), and
falls only below threshold × (1 − band). Both edges belong to the upper side: exactly on the upper edge one has risen,
exactly on the lower edge one has not fallen. Whoever has no tier by spend yet is judged by the thresholds themselves.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

A, B, C, NEW = "A", "B", "C", "new"
BY_SPEND = (C, B, A)  # from the lowest to the highest

# Why a decision fell: said in words by accounts.tier_words.
NOT_A_CUSTOMER, YOUNG, SPEND, HELD_UP, HELD_DOWN, RATE_MISSING = (
    "not_a_customer",
    "young",
    "spend",
    "held_up",
    "held_down",
    "rate_missing",
)


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds of A and B (C begins at nothing), the band in percent, and for how many months a customer counts as new."""

    a_from: Decimal
    b_from: Decimal
    band: int = 0
    new_months: int = 0

    def __post_init__(self):
        if not self.a_from > self.b_from > 0:
            raise ValueError("The thresholds must descend from A to B, and B must begin above nothing.")
        if not 0 <= self.band < 100:
            raise ValueError("The band is a percentage from 0 to below 100.")

    def threshold(self, tier):
        return {A: self.a_from, B: self.b_from, C: Decimal(0)}[tier]

    def rises_at(self, tier):
        """The spend from which one below rises into `tier`."""
        return self.threshold(tier) * (100 + self.band) / 100

    def falls_below(self, tier):
        """The spend below which one in `tier` falls out of it."""
        return self.threshold(tier) * (100 - self.band) / 100


@dataclass(frozen=True, slots=True)
class Figures:
    """Spend of the last twelve complete months, first order, how many rows lack a rate, and the tier by spend so far."""

    spend: Decimal
    first_order_on: date | None
    unconverted: int = 0
    standing: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    tier: str
    why: str


def decide(policy, figures, day):
    """The tier of an account with these `figures` on `day`, and why."""
    if figures.first_order_on is None:
        return Decision(NEW, NOT_A_CUSTOMER)
    if day < months_after(figures.first_order_on, policy.new_months):
        return Decision(NEW, YOUNG)
    plain = by_threshold(policy, figures.spend)
    if figures.standing not in BY_SPEND:
        return Decision(plain, RATE_MISSING if figures.unconverted else SPEND)
    tier = by_band(policy, figures.spend, figures.standing)
    if figures.unconverted and BY_SPEND.index(tier) <= BY_SPEND.index(figures.standing):
        # What is missing could only add: nobody falls for an amount that could not be converted.
        return Decision(figures.standing, RATE_MISSING)
    if tier == plain:
        return Decision(tier, SPEND)
    return Decision(tier, HELD_UP if BY_SPEND.index(tier) > BY_SPEND.index(plain) else HELD_DOWN)


def by_threshold(policy, spend):
    """The highest tier whose threshold `spend` reaches; the threshold itself belongs to the tier."""
    return next((tier for tier in (A, B) if spend >= policy.threshold(tier)), C)


def by_band(policy, spend, standing):
    """The tier one in `standing` has with this `spend`: the highest one risen to, else the first one not fallen out of."""
    at = BY_SPEND.index(standing)
    risen = [tier for tier in BY_SPEND[at + 1 :] if spend >= policy.rises_at(tier)]
    if risen:
        return risen[-1]
    return next((tier for tier in BY_SPEND[at:0:-1] if spend >= policy.falls_below(tier)), C)


def months_after(day, months):
    """The same day `months` later, or the last day of that month when it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise ValueError(f"There is no day {months} months after {day}.")
