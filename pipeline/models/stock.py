"""What lies in the warehouses: every movement is a row, and the balance is what the movements add up to."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pipeline.querysets.deals import VocabularyQuerySet
from pipeline.querysets.stock import StockQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.people.models import User
from salesorg.people.roles import Action

from .products import Product

# The one writer of balances. A balance below nothing is refused by its constraint, and the movement with it.
KEEP_BALANCE = """
INSERT INTO pipeline_stock (warehouse_id, product_id, on_hand, reserved)
VALUES (NEW.warehouse_id, NEW.product_id, 0, 0) ON CONFLICT (warehouse_id, product_id) DO NOTHING;
UPDATE pipeline_stock SET on_hand = on_hand + NEW.on_hand, reserved = reserved + NEW.reserved
WHERE warehouse_id = NEW.warehouse_id AND product_id = NEW.product_id;
RETURN NULL;
"""
ONLY_BY_MOVEMENTS = """
IF pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'A balance changes by its movements alone' USING TABLE = 'pipeline_stock';
END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW;
"""


def quantity_field(name, **options):
    return models.DecimalField(name, max_digits=14, decimal_places=4, **options)


class Warehouse(models.Model):
    UNDO_NEEDS = Action.KEEP_STOCK

    name = models.CharField(_("name"), max_length=60, unique=True)
    archived_at = models.DateTimeField(_("closed since"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return self.name


class Stock(models.Model):
    """How much of a product a warehouse holds, and how much of that is promised to orders. Written by a trigger alone.

    A count may show less than is promised: then `available` is negative, and nothing more can be promised.
    """

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="stocks", verbose_name=_("warehouse"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="stocks", verbose_name=_("product"))
    on_hand = quantity_field(_("on hand"))
    reserved = quantity_field(_("reserved"))
    available = models.GeneratedField(
        expression=F("on_hand") - F("reserved"), db_persist=True,
        output_field=models.DecimalField(max_digits=14, decimal_places=4),
    )  # fmt: skip

    objects = StockQuerySet.as_manager()

    class Meta:
        ordering = ["product__name", "warehouse__name"]
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "product"], name="one_balance_per_warehouse_and_product"),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="stock_not_below_nothing"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="reserved_not_below_nothing"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="only_by_movements", when=pgtrigger.Before, func=ONLY_BY_MOVEMENTS,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.product} · {self.warehouse}"

    def get_absolute_url(self):
        return address("pipeline:stock_detail", self.pk)


class Movement(models.Model):
    """Something came, went, was counted, promised or set free. A row never changes: what was wrong is put right by another."""

    class Kind(models.TextChoices):
        COUNTED = "counted", _("Counted")
        RECEIVED = "received", _("Received")
        TAKEN = "taken", _("Taken out")
        RESERVED = "reserved", _("Promised to an order")
        RELEASED = "released", _("Set free")
        DELIVERED = "delivered", _("Delivered")
        RETURNED = "returned", _("Came back")

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="movements")
    product = models.ForeignKey(Product, models.PROTECT, related_name="movements")
    kind = models.CharField(_("what happened"), max_length=9, choices=Kind.choices)
    on_hand = quantity_field(_("on hand"), default=0)  # the change, with its sign
    reserved = quantity_field(_("reserved"), default=0)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["warehouse", "product", "-id"], name="movements_of_a_balance")]
        triggers = [
            pgtrigger.Trigger(
                name="keep_balance", when=pgtrigger.After, operation=pgtrigger.Insert, func=KEEP_BALANCE,
            ),
            pgtrigger.Protect(name="never_changes", operation=pgtrigger.Update | pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.get_kind_display()} {self.on_hand or self.reserved}"
