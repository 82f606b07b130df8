"""How much hangs on whom: open pipeline against what is still to be won, and the shares of the best. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


def still_to_win(quota: Decimal, won: Decimal) -> Decimal:
    """What is left of a quota after what was won; never below nothing."""
    return max(quota - won, Decimal(0))


def coverage_ratio(opened: Decimal, quota: Decimal | None, won: Decimal):
    """Open pipeline closing in a period ÷ what is still to be won in it; None without a quota, or once it is reached."""
    left = still_to_win(quota, won) if quota else Decimal(0)
    return opened / left if left else None


@dataclass(frozen=True, slots=True)
class Part:
    """One of the best: what it brought, and the share of the whole."""

    key: object
    amount: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class Concentration:
    """The largest parts of a whole, how many parts there are, and how many of the largest make up half of it."""

    whole: Decimal
    best: tuple[Part, ...]
    parts: int
    half: int

    @property
    def rest(self):
        """What all others brought."""
        return self.whole - sum((part.amount for part in self.best), Decimal(0))

    @property
    def share_of_best(self):
        """The share of the parts shown, together; None of nothing."""
        return sum((part.share for part in self.best), Decimal(0)) if self.whole else None

    @property
    def without_first(self):
        """What there would be without the largest."""
        return self.whole - (self.best[0].amount if self.best else 0)


def concentration(amounts: Mapping, shown: int = 5) -> Concentration:
    """The Concentration of {key: amount}; what brought nothing is no part."""
    ordered = sorted(((amount, key) for key, amount in amounts.items() if amount > 0), key=lambda pair: (-pair[0], str(pair[1])))
    whole, run, half = sum((amount for amount, _key in ordered), Decimal(0)), Decimal(0), 0
    for amount, _key in ordered:
        if run * 2 >= whole:
            break
        run, half = run + amount, half + 1
    best = tuple(Part(key, amount, amount / whole) for amount, key in ordered[:shown])
    return Concentration(whole, best, len(ordered), half)
