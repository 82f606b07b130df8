"""How well a customer is: a score from declared inputs, each with its weight and the reason for its points. Pure.

And silence: whether a customer has been quiet for longer than is usual for them.
"""

from dataclasses import dataclass
from itertools import pairwise

from salesorg.lib.money import divided, split

FULL = 100
LEAST_GAPS = 5  # below it a history says nothing yet of what is usual
PERCENTILE = 90


@dataclass(frozen=True, slots=True)
class Input:
    """A declared input: `good` is the value (integer) that earns all of its points, `bad` the one that earns none."""

    code: str
    weight: int
    good: int
    bad: int

    def __post_init__(self):
        if self.weight < 0 or self.good == self.bad:
            raise ValueError(f"{self.code}: a weight is not negative, and what is good differs from what is bad.")


@dataclass(frozen=True, slots=True)
class Line:
    """What one input brought: `points` out of `out_of`, because of `value`; None, 0 of 0, when the value is not known."""

    code: str
    value: int | None
    points: int
    out_of: int


@dataclass(frozen=True, slots=True)
class Health:
    """The score from 0 to 100, the sum of the lines' points; None when nothing is known."""

    score: int | None
    lines: tuple[Line, ...]


def health_of(inputs, values):
    """The Health of a customer by `inputs` and what is known of it: `values` {code: integer or None}.

    What is not known is left out, and the weights of the others share the hundred points by largest remainder. Between
    what is good and what is bad points follow a straight line, rounded to the nearest whole one.
    """
    known = [each for each in inputs if each.weight and values.get(each.code) is not None]
    shares = dict(zip((each.code for each in known), split(FULL, [each.weight for each in known]), strict=True)) if known else {}
    lines = []
    for each in inputs:
        value, out_of = values.get(each.code), shares.get(each.code, 0)
        lines.append(Line(each.code, value, points_of(each, value, out_of) if out_of else 0, out_of))
    return Health(sum(line.points for line in lines) if known else None, tuple(lines))


def points_of(each, value, out_of):
    """How many of `out_of` points the value earns."""
    span, way = abs(each.good - each.bad), (value - each.bad) * (1 if each.good > each.bad else -1)
    return divided(out_of * min(max(way, 0), span), span)


def usual_gap(days):
    """The 90th percentile (nearest rank) of the gaps, in days, between distinct `days` of contact or order.

    None with fewer than LEAST_GAPS gaps: nothing is claimed of somebody who is hardly known.
    """
    ordered = sorted(set(days))
    gaps = sorted((later - earlier).days for earlier, later in pairwise(ordered))
    if len(gaps) < LEAST_GAPS:
        return None
    rank = -(-len(gaps) * PERCENTILE // 100)
    return gaps[rank - 1]


def is_silent(days, today):
    """Whether the gap since the last of `days` exceeds what is usual; never with too little history."""
    gap = usual_gap(days)
    return gap is not None and (today - max(days)).days > gap
