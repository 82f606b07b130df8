"""A pay plan as data: what it must say, and the refusal of a plan that leaves a question open. Pure.

Published plans with the same tier table pay differently, so every question below has to be answered in words;
there are no defaults. An answer that is missing, unknown or misspelt is refused when the plan is saved.
"""

from dataclasses import dataclass

MEASURES = ("revenue", "overlay")
METHODS = ("marginal", "whole_amount", "overage")
UNITS = ("period", "deal")
THRESHOLDS = ("quota", "amount")
BOUNDARIES = ("upper", "lower")
ROUNDINGS = ("half_up", "half_even", "down")
LARGEST = 10**12  # a denominator or rate beyond this is a typing error


class PlanError(ValueError):
    """What is wrong with a plan's data: one sentence per fault."""

    def __init__(self, faults):
        super().__init__(" ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Tier:
    """From `start` on, `rate` applies. Both are numerators over the component's denominator; where thresholds are
    amounts and not shares of quota, `start` is in minor units instead."""

    start: int
    rate: int


@dataclass(frozen=True, slots=True)
class Component:
    """One way a plan pays.

    measure     which credits it pays on: "revenue" (shares of won value that add up to the whole) or "overlay"
    unit        "period": the month's credits are rated together, in the order they were credited;
                "deal": each credit is rated on its own
    method      "marginal": each slice earns its own tier's rate;
                "whole_amount": everything earns the rate of the tier reached;
                "overage": up to the second tier's start at the first rate, all above it at the rate of the tier reached
    thresholds  whether tiers start at a share of "quota" or at an "amount"
    boundary    which tier owns an amount exactly on a boundary: the "upper" or the "lower"
    denominator what rates (and shares of quota) are numerators over: 10000 for hundredths of a per cent, or the quota
                itself, so that target ÷ quota is exact
    rounding    half_up, half_even or down, to the currency's smallest unit, once per line (see earning.py)
    """

    key: str
    name: str
    measure: str
    unit: str
    method: str
    thresholds: str
    boundary: str
    denominator: int
    rounding: str
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    components: tuple[Component, ...]


_ANSWERS = {
    "measure": MEASURES,
    "unit": UNITS,
    "method": METHODS,
    "thresholds": THRESHOLDS,
    "boundary": BOUNDARIES,
    "rounding": ROUNDINGS,
}
_FIELDS = {"key", "name", "denominator", "tiers", *_ANSWERS}


def plan_of(data):
    """The Plan that `data` (a list of components as JSON) describes. Raises PlanError naming every fault."""
    faults = []
    if not isinstance(data, list) or not data:
        raise PlanError(["A plan needs a list of at least one component."])
    components = [_component(each, f"Component {number}", faults) for number, each in enumerate(data, 1)]
    if not faults:
        keys = [component.key for component in components]
        faults.extend(f"Two components have the key “{key}”." for key in sorted(set(keys)) if keys.count(key) > 1)
    if faults:
        raise PlanError(faults)
    return Plan(tuple(components))


def _component(data, where, faults):
    before = len(faults)
    if not isinstance(data, dict):
        faults.append(f"{where} is not a set of named answers.")
        return None
    faults.extend(f"{where} does not say its {name}." for name in sorted(_FIELDS - set(data)))
    faults.extend(f"{where} has an unknown answer “{name}”." for name in sorted(set(data) - _FIELDS))
    if len(faults) > before:
        return None
    for name, allowed in _ANSWERS.items():
        if data[name] not in allowed:
            faults.append(f"{where}: {name} must be one of {', '.join(allowed)}.")
    faults.extend(
        f"{where}: {name} must be a text of 1 to 100 characters."
        for name in ("key", "name")
        if not (isinstance(data[name], str) and 0 < len(data[name].strip()) <= 100)
    )
    if not _whole(data["denominator"]) or data["denominator"] < 1:
        faults.append(f"{where}: denominator must be a whole number from 1.")
    tiers = _tiers(data, where, faults)
    if len(faults) > before:
        return None
    return Component(**{**data, "tiers": tiers})


def _tiers(data, where, faults):
    tiers = data["tiers"]
    if not isinstance(tiers, list) or not tiers:
        faults.append(f"{where} has no tiers.")
        return ()
    if not all(isinstance(tier, dict) and set(tier) == {"start", "rate"} and all(map(_whole, tier.values())) for tier in tiers):
        faults.append(f"{where}: each tier says its start and its rate, both whole numbers from 0.")
        return ()
    starts = [tier["start"] for tier in tiers]
    if starts[0] != 0:
        faults.append(f"{where}: the first tier must start at 0, so that no amount is left without a rate.")
    if starts != sorted(set(starts)):
        faults.append(f"{where}: each tier must start above the one before.")
    return tuple(Tier(**tier) for tier in tiers)


def _whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST
