"""How sure one can be of a share counted on few rows. Pure."""

from math import sqrt

SURE = 1.959964  # standard deviations around the mean that hold 95 % of a normal distribution
FEW = 20  # rows: below that the interval of a share near one half is wider than 40 points


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The share that is likely behind `part` of `whole`: (lowest, highest), right 95 times in 100. Of nothing: (0, 1).

    The score interval of E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22 (1927), 209–212: unlike ±2 standard errors it stays between 0 and 1 and says
    something sensible of 0 of 5.
    """
    if not whole:
        return 0.0, 1.0
    square = SURE * SURE
    middle = part + square / 2
    spread = SURE * sqrt(part * (whole - part) / whole + square / 4)
    low, high = ((middle - spread) / (whole + square), (middle + spread) / (whole + square))
    # At the ends the formula gives 0 and 1 exactly; floating point misses them by the sixteenth digit.
    return (0.0 if part == 0 else low), (1.0 if part == whole else high)
