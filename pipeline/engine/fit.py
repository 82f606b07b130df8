"""How well a prospect fits: points by declared rules, each with its reason. Pure."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

FIELDS = ("industry", "employees", "revenue", "country", "city", "source", "tier", "position", "domain")
IS, AT_LEAST, AT_MOST, KNOWN = "is", "at_least", "at_most", "known"
MOST = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """`points` when what is known of `field` meets `test` with `value`; points may be negative."""

    field: str
    test: str
    value: str
    points: int


@dataclass(frozen=True, slots=True)
class Fit:
    """`score` from 0 to 100; `reasons` are (points, field, test, value of the rule, what is known), most points first."""

    score: int
    reasons: tuple


def fit(facts, rules):
    """The Fit of a prospect with `facts` ({field: text or number; None or "" for unknown}) by `rules`.

    What is not known meets no rule: it costs nothing and earns nothing.
    """
    met = [(rule.points, rule.field, rule.test, rule.value, facts[rule.field]) for rule in rules if _meets(facts, rule)]
    score = max(0, min(MOST, sum(points for points, *_rest in met)))
    return Fit(score, tuple(sorted(met, key=lambda each: -each[0])))


def _meets(facts, rule):
    known = facts.get(rule.field)
    if known in (None, ""):
        return False
    if rule.test == KNOWN:
        return True
    if rule.test == IS:
        return str(known).casefold() in {each.strip().casefold() for each in rule.value.split(",")}
    limit = number(rule.value)
    if limit is None or number(known) is None:
        return False
    return number(known) >= limit if rule.test == AT_LEAST else number(known) <= limit


def number(value):
    """A number, or None for what is none."""
    try:
        found = Decimal(str(value).replace(",", "").strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
