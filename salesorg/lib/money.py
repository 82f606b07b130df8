"""Money: the only place that rounds. Pure; integers of minor units (cents) inside engines, Decimal at the edges."""

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

# Currencies whose smallest unit is not a hundredth (ISO 4217); storage is numeric(20,4), which holds them all.
DECIMALS = {
    **dict.fromkeys(
        ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"], 0
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}
# Offered where one is chosen, after the organisation's own.
COMMON = ("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "JPY", "SEK", "NOK", "DKK", "PLN", "BRL", "MXN", "INR", "CNY", "KWD")
POLICIES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN}


def decimals(currency):
    """How many digits after the point `currency` has: 2 for EUR, 0 for JPY, 3 for KWD."""
    return DECIMALS.get(currency, 2)


def to_minor(amount, currency, policy="half_up"):
    """`amount` (Decimal, major units) as an integer of the currency's smallest unit."""
    return int((amount * 10 ** decimals(currency)).quantize(Decimal(1), rounding=POLICIES[policy]))


def from_minor(minor, currency):
    """An integer of the smallest unit as Decimal major units, exactly."""
    return Decimal(minor).scaleb(-decimals(currency))


def rounded(amount, currency, policy="half_up"):
    """`amount` rounded to what the currency can express, as Decimal."""
    return from_minor(to_minor(amount, currency, policy), currency)


def rounded_up_to(amount, step):
    """The smallest multiple of `step` that is not below `amount` (both Decimal, step > 0)."""
    return (amount / step).quantize(Decimal(1), rounding=ROUND_CEILING) * step


def divided(numerator, denominator, policy="half_up"):
    """The integer nearest to numerator ÷ denominator (integers, denominator > 0), ties by `policy`, halves away from zero."""
    if denominator <= 0:
        raise ValueError("The denominator must be positive.")
    sign, numerator = (-1 if numerator < 0 else 1), abs(numerator)
    quotient, rest = divmod(numerator, denominator)
    if policy == "half_up":
        quotient += 2 * rest >= denominator
    elif policy == "half_even":
        quotient += 2 * rest > denominator or (2 * rest == denominator and quotient % 2)
    elif policy != "down":
        raise ValueError(f"Unknown rounding policy {policy}")
    return sign * int(quotient)


def split(total, weights):
    """`total` (integer) divided in proportion to `weights` (integers ≥ 0), adding up exactly.

    Largest remainder: each gets the floor, the cents left go to the largest remainders, earlier first on a tie.
    Raises ValueError when no weight is positive.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("Shares must not be negative and must not all be zero.")
    sign, total = (-1 if total < 0 else 1), abs(total)
    floors = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[: total - sum(floors)]:
        floors[i] += 1
    return [sign * part for part in floors]
