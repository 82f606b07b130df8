"""What a proposal comes to, step by step: lists, discounts, net, cost, margin. Pure.

The steps, each rounded to the currency once and kept beside the line, so that every total is the sum of what one sees:

1. a line's list total is quantity × list price;
2. its discount is that list total × its discount in percent;
3. the discount on the whole is a percentage of what the lines come to after their own discounts, and is divided among
   them in that proportion by largest remainder;
4. net is list total − own discount − share of the discount on the whole;
5. cost is quantity × what one unit costs us, and margin is net − cost, of the lines whose cost is known.

What was agreed and is ordered part by part comes to what was agreed, to the cent: `part_of`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from salesorg.lib.money import decimals, divided, from_minor, split, to_minor

LARGEST = 10**15  # of a price and of a total, in major units
MOST = 10**9  # of a quantity
EXACT = 4  # digits behind the point of a quantity and a price, as they are stored
WHOLE = 10_000  # a percentage is held in hundredths of a percent


@dataclass(frozen=True, slots=True)
class Line:
    """What is offered: a quantity at a list price of one unit, less a discount in percent. `cost` None: not known."""

    quantity: Decimal
    price: Decimal
    discount: Decimal = Decimal(0)
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PricedLine:
    """What a line comes to, in major units of the currency."""

    list_total: Decimal
    discount_amount: Decimal
    whole_share: Decimal
    net: Decimal
    cost: Decimal | None
    margin: Decimal | None


@dataclass(frozen=True, slots=True)
class Priced:
    """What a proposal comes to. `margin` is that of the lines whose cost is known; `without_cost` is how many are not."""

    lines: tuple[PricedLine, ...]
    list_total: Decimal
    line_discounts: Decimal
    whole_discount: Decimal
    net: Decimal
    cost: Decimal
    margin: Decimal
    without_cost: int


@dataclass(frozen=True, slots=True)
class Share:
    """So much of an agreed line, and what it comes to in major units; `reduced` is after its own discount."""

    quantity: Decimal = Decimal(0)
    list_total: Decimal = Decimal(0)
    reduced: Decimal = Decimal(0)
    net: Decimal = Decimal(0)


def part_of(agreed: Share, before: Share, quantity: Decimal, currency: str) -> PricedLine:
    """What `quantity` of an agreed line comes to when `before` was ordered of it already.

    It is what all of it so far comes to in proportion, less what was ordered before, so that the parts add up to what was
    agreed; where cents fall badly it is the discounts that give way, never the net. Raises ValueError for more than is open.
    """
    whole, until = _scaled(agreed.quantity), _scaled(before.quantity + quantity)
    if not 0 < until <= whole:
        raise ValueError("More than was agreed.")

    def due(of, had):
        return max(divided(to_minor(of, currency) * until, whole) - to_minor(had, currency), 0)

    net = due(agreed.net, before.net)
    reduced = max(due(agreed.reduced, before.reduced), net)
    total = max(due(agreed.list_total, before.list_total), reduced)
    steps = (from_minor(minor, currency) for minor in (total, total - reduced, reduced - net, net))
    return PricedLine(*steps, None, None)


def priced(lines: Sequence[Line], currency: str, whole: Decimal = Decimal(0)) -> Priced:
    """The lines with every step of their price, and their sums; `whole` is the discount on the whole in percent.

    Raises ValueError for a negative or too large quantity or price, and for a discount outside 0 to 100 %.
    """
    for line in lines:
        _check(line)
    rate = _rate(whole)
    lists = [_times(line.quantity, line.price, currency) for line in lines]
    own = [divided(total * _rate(line.discount), WHOLE) for total, line in zip(lists, lines, strict=True)]
    left = [total - discount for total, discount in zip(lists, own, strict=True)]
    shares = split(divided(sum(left) * rate, WHOLE), left) if any(left) else [0] * len(left)
    costs = [None if line.cost is None else _times(line.quantity, line.cost, currency) for line in lines]

    def major(minor):
        return None if minor is None else from_minor(minor, currency)

    rows, known = [], []
    for total, discount, rest, share, cost in zip(lists, own, left, shares, costs, strict=True):
        margin = None if cost is None else rest - share - cost
        known.append(margin or 0)
        rows.append(PricedLine(*map(major, (total, discount, share, rest - share, cost, margin))))
    sums = (sum(lists), sum(own), sum(shares), sum(left) - sum(shares), sum(cost or 0 for cost in costs), sum(known))
    return Priced(tuple(rows), *map(major, sums), costs.count(None))


def discount_of(list_total: Decimal, net: Decimal) -> Decimal:
    """How much of the list total was given away, in percent with two digits, rounded up: a limit is not passed by a hair."""
    if not list_total:
        return Decimal(0)
    before, after = _scaled(list_total), _scaled(net)
    return Decimal(-((after - before) * WHOLE // before)).scaleb(-2)


def unit_price(price: Decimal, discount: Decimal, currency: str) -> Decimal:
    """The price of one unit after the line's own discount, to be read; totals are not made from it."""
    return from_minor(divided(_times(Decimal(1), price, currency) * (WHOLE - _rate(discount)), WHOLE), currency)


def _times(quantity, price, currency):
    """quantity × price in minor units, exact up to the one rounding: the product has more digits than a Decimal keeps."""
    return divided(_scaled(quantity) * _scaled(price) * 10 ** decimals(currency), 10 ** (2 * EXACT))


def _scaled(value):
    return int(value.scaleb(EXACT))


def _rate(percent):
    if not 0 <= percent <= 100:
        raise ValueError("A discount lies between 0 and 100 %.")
    return int(percent.scaleb(2))


def _check(line):
    if not 0 <= line.quantity <= MOST:
        raise ValueError("A quantity lies between 0 and a thousand million.")
    if not 0 <= line.price <= LARGEST or (line.cost is not None and not 0 <= line.cost <= LARGEST):
        raise ValueError("A price lies between 0 and a million of thousand millions.")
