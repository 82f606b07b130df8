"""The pay curve of a component as a drawing: what each amount of won value earns, and "you are here". Pure but for money."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from . import engine

WIDTH, HEIGHT = 360, 200  # units of the drawing, which grows with the page
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 20, 20


@dataclass(frozen=True)
class Mark:
    x: int
    y: int


@dataclass(frozen=True)
class Band:
    """A tier on the drawing: where it begins, the middle of it for its label, and its rate."""

    x: int
    middle: int
    start: int  # minor units
    rate: Fraction

    @property
    def percent(self):
        return Decimal(self.rate.numerator) / self.rate.denominator


@dataclass(frozen=True)
class Curve:
    points: str
    area: str
    here: Mark
    bands: tuple
    missing: int | None  # minor units of won value to the next tier; None in the last
    next_rate: Fraction | None
    width: int = WIDTH
    height: int = HEIGHT
    floor: int = HEIGHT - BOTTOM
    top: int = TOP


def curve_of(component, quota, credited):
    """The Curve of an engine Component for `credited` (minor units) against `quota` (minor units, None when not needed)."""
    scale = Fraction(quota, component.denominator) if quota else 1
    starts = [Fraction(tier.start) * scale for tier in component.tiers]
    reach = int(max(credited * Fraction(5, 4), starts[-1] * Fraction(3, 2), Fraction(quota or 0) * Fraction(5, 4), 1))
    values = {x: engine.earned(component, quota, x) for x in _samples(starts, credited, reach)}
    most = max(*values.values(), 1)

    def at(x, y):
        left = LEFT + Fraction(max(x, 0), reach) * (WIDTH - LEFT - RIGHT)
        up = HEIGHT - BOTTOM - Fraction(max(y, 0), most) * (HEIGHT - TOP - BOTTOM)
        return Mark(int(left), int(up))

    marks = [at(x, y) for x, y in sorted(values.items())]
    line = " ".join(f"{mark.x},{mark.y}" for mark in marks)
    rates = [Fraction(tier.rate, component.denominator) for tier in component.tiers]
    ends = [*starts[1:], Fraction(reach)]
    bands = tuple(
        Band(at(start, 0).x, at((start + end) / 2, 0).x, int(start), rate)
        for start, end, rate in zip(starts, ends, rates, strict=True)
    )
    ahead = next(((start, rate) for start, rate in zip(starts, rates, strict=True) if start > credited), None)
    return Curve(
        points=line,
        area=f"{LEFT},{HEIGHT - BOTTOM} {line} {marks[-1].x},{HEIGHT - BOTTOM}",
        here=at(credited, values.get(credited, 0)),
        bands=bands,
        missing=_ceiling(ahead[0] - credited) if ahead else None,
        next_rate=ahead[1] if ahead else None,
    )


def _samples(starts, credited, reach):
    """Where to compute the curve: it is straight between tiers, and may jump at one."""
    edges = {int(start) + step for start in starts for step in (-1, 0, 1)}
    return sorted(x for x in {0, reach, max(credited, 0), *edges} if 0 <= x <= reach)


def _ceiling(value):
    return -(-value.numerator // value.denominator)
