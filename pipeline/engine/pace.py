"""How long is normal in a stage: measured from what left it, else what the stage itself expects. Pure."""

from dataclasses import dataclass

ENOUGH = 10  # completed stays from which on a stage is measured against them; fewer say nothing about the next one
TWICE = 2  # without such stays, a deal is too old after twice the days that its stage expects


@dataclass(frozen=True, slots=True)
class Pace:
    """Days in a stage: `half` of the deals leave within, `most` (nine of ten) leave within; `measured` from their stays.

    None where nobody knows: neither enough stays nor an expectation.
    """

    half: int | None
    most: int | None
    measured: bool = False

    def is_rotting(self, age):
        """Whether a deal of `age` whole days has been there for longer than nine of ten that left."""
        return self.most is not None and age > self.most


def pace(expected, stays=0, half=None, most=None):
    """The Pace of a stage that expects `expected` days (or None), of which `stays` completed ones lasted so long."""
    if stays >= ENOUGH:
        return Pace(half, most, measured=True)
    return Pace(expected, expected * TWICE if expected else None)
