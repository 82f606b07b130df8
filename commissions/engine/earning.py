"""What each credit earns, exactly. Pure: integers of minor units (cents) and of the plan's own denominator.

F(x) is the commission on a total of x. The commission of a credit is F(after) − F(before), each rounded, so that the
lines of a period add up to F of the whole by construction, and a cent once posted never moves when later credits
arrive. The order is the order of the credits as handed in (the order in which they were credited).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from salesorg.lib.money import divided

from .plans import Component, Plan


@dataclass(frozen=True, slots=True)
class Quota:
    amount: int  # minor units of `currency`, above zero
    currency: str


@dataclass(frozen=True, slots=True)
class Credit:
    """A payee's part of one booking; a reversal is a credit with a negative amount."""

    id: int
    measure: str
    amount: int  # minor units of `currency`
    currency: str


@dataclass(frozen=True, slots=True)
class Line:
    """The commission of one credit under one component, and where it lies on the curve."""

    credit_id: int
    component: str
    before: int
    after: int
    amount: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something could not be computed: never paid as zero, always said. `component` None: all of them."""

    code: str
    component: str | None = None
    credit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Earnings:
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]

    def undecided(self, credit_id, component):
        """True when a problem keeps this credit's pay under this component from being known."""
        return any(problem.credit_id in (None, credit_id) and problem.component in (None, component) for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Leg:
    """The part of an amount that is paid at one tier's rate."""

    tier: int  # position in the component's tiers
    credited: Fraction  # minor units; a fraction when a share of quota is not a whole cent
    amount: int  # commission in minor units; the legs add up to the whole exactly


def earn(plan: Plan | None, currency: str, quotas: Mapping[str, Quota], credits: Iterable[Credit]) -> Earnings:
    """The earnings of one payee in one period: a line per credit and component that pays on its measure.

    `quotas` are the period's, by measure. Without plan or quota nothing is computed and the problem is named.
    """
    credits = list(credits)
    if not credits:
        return Earnings((), ())
    if plan is None:
        return Earnings((), (Problem("no_plan"),))
    lines = []
    problems = [Problem("other_currency", credit_id=credit.id) for credit in credits if credit.currency != currency]
    for component in plan.components:
        mine = [credit for credit in credits if credit.measure == component.measure and credit.currency == currency]
        if not mine:
            continue
        quota = quotas.get(component.measure) if component.thresholds == "quota" else None
        if component.thresholds == "quota" and quota is None:
            problems.append(Problem("no_quota", component.key))
        elif quota is not None and quota.currency != currency:
            problems.append(Problem("quota_currency", component.key))
        else:
            lines.extend(_lines(component, quota.amount if quota else None, mine))
    return Earnings(tuple(lines), tuple(problems))


def _lines(component, quota, credits):
    before = earned_before = 0
    for credit in credits:
        after = before + credit.amount
        earned_after = earned(component, quota, after)
        yield Line(credit.id, component.key, before, after, earned_after - earned_before)
        if component.unit == "period":  # the next credit goes on where this one ended; a deal always begins at zero
            before, earned_before = after, earned_after


def earned(component: Component, quota: int | None, amount: int) -> int:
    """F(amount): the commission on a total of `amount`, in minor units. `quota` in minor units where tiers need it."""
    scale, portions = _portions(component, quota, amount)
    exact = sum(portion * component.tiers[tier].rate for tier, portion in portions)
    return divided(exact, scale * component.denominator, component.rounding)


def legs(component: Component, quota: int | None, amount: int) -> tuple[Leg, ...]:
    """F(amount) taken apart by tier; the commissions of the legs add up to `earned(...)` exactly."""
    scale, portions = _portions(component, quota, amount)
    out, exact, rounded = [], 0, 0
    for tier, portion in portions:
        exact += portion * component.tiers[tier].rate
        total = divided(exact, scale * component.denominator, component.rounding)
        out.append(Leg(tier, Fraction(portion, scale), total - rounded))
        rounded = total
    return tuple(out)


def _portions(component, quota, amount):
    """How much of `amount` is paid at which tier: (scale, [(tier, portion × scale)]).

    The scale makes thresholds at a share of quota whole numbers: amounts count × denominator, starts × quota.
    """
    scale = component.denominator if component.thresholds == "quota" else 1
    unit = quota if component.thresholds == "quota" else 1
    if amount < 0:
        if component.unit == "deal":  # taking back a deal takes back exactly what it earned
            _, portions = _portions(component, quota, -amount)
            return scale, [(tier, -portion) for tier, portion in portions]
        return scale, [(0, amount * scale)]  # a period below zero owes at the first rate
    scaled, starts = amount * scale, [tier.start * unit for tier in component.tiers]
    reached = _tier_reached(starts, scaled, component.boundary)
    if component.method == "whole_amount":
        return scale, [(reached, scaled)]
    if component.method == "overage":
        if reached == 0:
            return scale, [(0, scaled)]
        return scale, [(0, starts[1]), (reached, scaled - starts[1])]
    ends = [*starts[1 : reached + 1], scaled]
    return scale, [(tier, ends[tier] - starts[tier]) for tier in range(reached + 1)]


def _tier_reached(starts, amount, boundary):
    owns = (lambda start: start <= amount) if boundary == "upper" else (lambda start: start < amount)
    return max((tier for tier, start in enumerate(starts) if owns(start)), default=0)


def attainment(credited: int, quota: int) -> Fraction:
    """Credited ÷ quota, exact; rounding is for display only."""
    return Fraction(credited, quota)
