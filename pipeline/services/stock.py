"""Keeping stock: counting, receiving, taking out; and promising it to orders, of which two never get the same last piece.

A product is kept in stock once some warehouse has counted or received it; anything else (a service, a licence) is ordered
without being reserved. Whoever changes several balances holds them first, in the order of their keys.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.models import Movement, Product, Stock, Warehouse
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError

Kind = Movement.Kind
BY_HAND = (Kind.COUNTED, Kind.RECEIVED, Kind.TAKEN)
MOST_PASTED = 5_000  # lines in one go


@transaction.atomic
def save_warehouse(*, warehouse, name, actor):
    """Write the name of a warehouse; one without a key is new."""
    if Warehouse.objects.exclude(pk=warehouse.pk).filter(name=name).exists():
        raise DomainError(_("There is a warehouse called “%(name)s” already.") % {"name": name}, fields=["name"])
    warehouse.name = name
    warehouse.save()
    return warehouse


@transaction.atomic
def close_warehouse(*, warehouse, closed, actor, now=None):
    """No longer sell from a warehouse, or sell from it again. Refused while something there is promised to orders."""
    warehouse = Warehouse.objects.select_for_update().get(pk=warehouse.pk)
    if closed and Stock.objects.filter(warehouse=warehouse).hold().filter(reserved__gt=0).exists():
        raise DomainError(
            _("Orders are still to be delivered from %(name)s. Deliver or cancel them first.") % {"name": warehouse}
        )
    return write(warehouse, {"archived_at": (now or timezone.now()) if closed else None})


@transaction.atomic
def change_stock(*, warehouse, kind, quantities, reason, actor):
    """What was counted, received or taken out by hand: {Product: quantity}, for a `reason`. Returns how many balances moved.

    A count that finds what the balance says writes nothing. Raises DomainError when more is taken than there is.
    """
    if kind not in BY_HAND:
        raise DomainError(_("Say whether it was counted, received or taken out."), fields=["kind"])
    if kind != Kind.RECEIVED and not reason.strip():
        raise DomainError(_("Say why: whoever asks next month was not there."), fields=["reason"])
    there = {each.product_id: each for each in Stock.objects.filter(warehouse=warehouse, product__in=quantities).hold()}
    movements = []
    for product, quantity in sorted(quantities.items(), key=lambda pair: pair[0].pk):
        on_hand = there[product.pk].on_hand if product.pk in there else Decimal(0)
        change = {Kind.COUNTED: quantity - on_hand, Kind.RECEIVED: quantity, Kind.TAKEN: -quantity}[kind]
        if on_hand + change < 0:
            words = {"product": product, "warehouse": warehouse, "count": amount(on_hand)}
            raise DomainError(_("Only %(count)s of %(product)s are in %(warehouse)s.") % words, fields=["lines"])
        if change or product.pk not in there:
            facts = {"warehouse": warehouse, "product": product, "kind": kind, "reason": reason.strip(), "made_by": actor}
            movements.append(Movement(on_hand=change, **facts))
    Movement.objects.bulk_create(movements)
    return len(movements)


# ── for orders ──


@dataclass(frozen=True)
class Missing:
    """A product of which less is left than is wanted; `elsewhere` is what other warehouses have, {name: quantity}."""

    product: Product
    wanted: Decimal
    left: Decimal
    elsewhere: dict

    def __str__(self):
        words = {"product": self.product, "left": amount(max(self.left, Decimal(0))), "wanted": amount(self.wanted)}
        said = _("%(product)s: %(left)s left, %(wanted)s wanted") % words
        others = ", ".join(f"{name} {amount(quantity)}" for name, quantity in self.elsewhere.items())
        return f"{said} ({_('elsewhere')}: {others})" if others else said


def amount(quantity):
    """A quantity as it is read: no zeros behind the last digit."""
    return f"{quantity.normalize():f}"


def hold_open(warehouse):
    """Keep a warehouse from being closed to the end of the transaction; to be called before its balances are held.

    Orders do not wait for each other here, only whoever closes it waits for them. Raises DomainError for a closed one.
    """
    if warehouse is None:
        return
    rows = "SELECT * FROM pipeline_warehouse WHERE id = %s AND archived_at IS NULL FOR KEY SHARE"
    if not list(Warehouse.objects.raw(rows, [warehouse.pk])):
        raise DomainError(_("%(warehouse)s is closed.") % {"warehouse": warehouse}, fields=["warehouse"])


def kept_in_stock(products):
    """The keys, among those of `products`, of what some warehouse keeps."""
    return set(Stock.objects.filter(product__in=products).values_list("product", flat=True))


def missing_from(warehouse, wanted):
    """What `warehouse` lacks of `wanted` ({Product: quantity}), as Missing; holds the balances that are asked.

    To be called inside a transaction: what it finds stays so until the end of it.
    """
    stocked = kept_in_stock(wanted)
    held = Stock.objects.filter(warehouse=warehouse, product__in=stocked).hold()
    left = {each.product_id: each.available for each in held}
    short = [each for each in wanted if each.pk in stocked and left.get(each.pk, Decimal(0)) < wanted[each]]
    others = _elsewhere(warehouse, short)
    return [Missing(each, wanted[each], left.get(each.pk, Decimal(0)), others.get(each.pk, {})) for each in short]


def _elsewhere(warehouse, products):
    """{product's key: {warehouse: what is available there}}, read and not held."""
    rows = Stock.objects.in_use().filter(product__in=products, available__gt=0).exclude(warehouse=warehouse)
    found = {}
    for product, name, available in rows.order_by("warehouse__name").values_list("product", "warehouse__name", "available"):
        found.setdefault(product, {})[name] = available
    return found


def together(lines):
    """{Product: quantity} of (product, quantity) pairs: a product that stands in two lines is wanted in their sum."""
    wanted = Counter()
    for product, quantity in lines:
        wanted[product] += quantity
    return dict(wanted)


def move(*, warehouse, kind, quantities, reason, actor):
    """Write one movement of `kind` for each product of `quantities`; the caller holds the balances."""
    signs = {Kind.RESERVED: (0, 1), Kind.RELEASED: (0, -1), Kind.DELIVERED: (-1, -1), Kind.RETURNED: (1, 0)}
    on_hand, reserved = signs[kind]
    facts = {"warehouse": warehouse, "kind": kind, "reason": reason, "made_by": actor}
    Movement.objects.bulk_create(
        Movement(product=product, on_hand=on_hand * quantity, reserved=reserved * quantity, **facts)
        for product, quantity in sorted(quantities.items(), key=lambda pair: pair[0].pk)
    )
