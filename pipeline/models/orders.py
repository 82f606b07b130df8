"""What customers order: the request as it was taken, and the orders that came of it. A placed order never changes."""

import uuid
from decimal import Decimal

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from pipeline.querysets.orders import OrderPartQuerySet, OrderQuerySet, OrderRequestQuerySet, RequestPartQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.people.models import User
from salesorg.people.roles import Action

from .deals import Deal
from .products import Product
from .proposals import ProposalLine, ProposalVersion
from .stock import Warehouse, quantity_field


def money_field(name, **options):
    return models.DecimalField(name, max_digits=20, decimal_places=4, **options)


def percent_field(name):
    between = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))]
    return models.DecimalField(name, max_digits=5, decimal_places=2, default=0, validators=between)


def agreed_field(model, name, related_name):
    """What the customer accepted and this comes of; its index is a partial one, since most is ordered without."""
    return models.ForeignKey(
        model, models.PROTECT, null=True, blank=True, related_name=related_name, verbose_name=name, db_index=False
    )  # fmt: skip


class OrderRequest(models.Model):
    """What a customer wants, as it was taken, with network or without: confirmed at once, in part, later or never."""

    UNDO_NEEDS = Action.TAKE_ORDERS
    may_be_taken_back = False

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits")
        PARTLY = "partly", _("Part of it waits")
        CONFIRMED = "confirmed", _("Confirmed")
        DECLINED = "declined", _("Declined")

    class IfMissing(models.TextChoices):
        WAIT = "wait", _("Wait until somebody decides")
        PART = "part", _("Order what is there, the rest waits")

    # Made where it was typed: the same order sent five times is stored once.
    client_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="order_requests", verbose_name=_("account"))
    deal = models.ForeignKey(Deal, models.SET_NULL, null=True, blank=True, related_name="order_requests", verbose_name=_("deal"))
    agreed = agreed_field(ProposalVersion, _("as agreed in"), "order_requests")
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("warehouse")
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3)
    discount = percent_field(_("discount on the whole, %"))
    wanted_on = models.DateField(_("wanted by"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=2_000, blank=True)
    if_missing = models.CharField(_("if something is missing"), max_length=4, choices=IfMissing.choices, default=IfMissing.WAIT)
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("taken by"))
    taken_for = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("taken for"))
    taken_at = models.DateTimeField(_("taken"))  # where the customer was; `arrived_at` is later without network
    taken_on = models.DateField(_("prices of"))
    arrived_at = models.DateTimeField(_("arrived"), default=timezone.now)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.WAITING)
    reason = models.CharField(_("why it was declined"), max_length=500, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = OrderRequestQuerySet.as_manager()
    NAMED_BY = ("account",)

    class Meta:
        verbose_name = _("order request")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(discount__gte=0, discount__lte=100), name="request_discount_is_a_percentage"),
            models.CheckConstraint(condition=~Q(state="declined") | ~Q(reason=""), name="declined_request_says_why"),
        ]
        indexes = [
            models.Index(fields=["arrived_at", "id"], name="requests_waiting", condition=Q(state__in=("waiting", "partly"))),
        ]
        triggers = [
            *recorded(),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="stays_as_taken",
                fields=[
                    "client_id",
                    "agreed",
                    "currency",
                    "discount",
                    "wanted_on",
                    "note",
                    "taken_by",
                    "taken_for",
                    "taken_at",
                    "taken_on",
                ],
            ),
        ]

    def __str__(self):
        return str(self.account)

    def get_absolute_url(self):
        return address("pipeline:order_request", self.pk)

    @property
    def is_waiting(self):
        return self.state in (self.State.WAITING, self.State.PARTLY)


class RequestLine(models.Model):
    """One thing the customer wants, at the price they were told (None: nobody could tell), or as it was agreed."""

    request = models.ForeignKey(OrderRequest, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(_("position"))
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+", verbose_name=_("product"))
    agreed = agreed_field(ProposalLine, _("as agreed"), "+")
    text = models.CharField(_("what"), max_length=300, blank=True, default="", db_default="")
    quantity = quantity_field(_("quantity"))
    price = money_field(_("price told"), null=True, blank=True)
    discount = percent_field(_("discount, %"))

    objects = RequestPartQuerySet.as_manager()
    NAMED_BY = ("product",)

    class Meta:
        ordering = ["request", "position"]
        constraints = [
            models.UniqueConstraint(fields=["request", "position"], name="one_request_line_per_position"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, discount__gte=0, discount__lte=100), name="request_line_is_sound"
            ),
            models.CheckConstraint(condition=Q(product__isnull=False) | ~Q(text=""), name="request_line_says_what"),
        ]  # fmt: skip
        triggers = [pgtrigger.Protect(name="stays_as_taken", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return self.text or str(self.product)


class Order(models.Model):
    """What was confirmed to a customer and promised from the stock of a warehouse. Every step of its sum is kept."""

    UNDO_NEEDS = Action.TAKE_ORDERS
    may_be_taken_back = False

    class State(models.TextChoices):
        OPEN = "open", _("To deliver")
        PARTLY = "partly", _("Delivered in part")
        DELIVERED = "delivered", _("Delivered")
        RETURNED = "returned", _("Came back")
        CANCELLED = "cancelled", _("Cancelled")

    request = models.ForeignKey(OrderRequest, models.PROTECT, related_name="orders", verbose_name=_("order request"))
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name=_("in place of")
    )  # fmt: skip
    account = models.ForeignKey(Account, models.PROTECT, related_name="orders", verbose_name=_("account"))
    deal = models.ForeignKey(Deal, models.SET_NULL, null=True, blank=True, related_name="orders", verbose_name=_("deal"))
    agreed = agreed_field(ProposalVersion, _("as agreed in"), "orders")
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("warehouse")
    )  # fmt: skip
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("taken by"))
    taken_for = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("taken for"))
    taken_on = models.DateField(_("ordered on"))
    wanted_on = models.DateField(_("wanted by"), null=True, blank=True)
    placed_at = models.DateTimeField(_("confirmed"), default=timezone.now)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.OPEN)
    currency = models.CharField(_("currency"), max_length=3)
    discount = percent_field(_("discount on the whole, %"))
    list_total = money_field(_("list total"))
    line_discounts = money_field(_("discounts by line"))
    whole_discount = money_field(_("discount on the whole"))
    net = money_field(_("net"))
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancelled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by"))
    cancel_reason = models.CharField(_("why it was cancelled"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False) | ~Q(state="cancelled") & Q(cancelled_at=None),
                name="cancelled_order_says_when",
            ),
            models.CheckConstraint(condition=Q(net__gte=0, list_total__gte=0), name="order_not_negative"),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="orders_of_account"),
            models.Index(fields=["state", "-id"], name="orders_by_state"),
            models.Index(fields=["agreed"], name="orders_as_agreed", condition=Q(agreed__isnull=False)),
        ]
        triggers = [
            *recorded(),
            *versioned(),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="stays_as_placed",
                fields=[
                    "request", "agreed", "replaces", "warehouse", "taken_by", "taken_for", "taken_on", "wanted_on", "placed_at",
                    "currency", "discount", "list_total", "line_discounts", "whole_discount", "net",
                ],
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return address("pipeline:order_detail", self.pk)

    @property
    def number(self):
        """What it is called on paper and on the phone."""
        return f"O-{self.pk:05d}" if self.pk else ""

    @property
    def is_cancelled(self):
        return self.state == self.State.CANCELLED


class OrderLine(models.Model):
    """One thing that was ordered, with every step of its price. `is_reserved`: it is promised from the stock.

    One that was agreed comes to its part of what was accepted; without a product it is what was agreed in words.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(_("position"))
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="order_lines", verbose_name=_("product"))
    agreed = agreed_field(ProposalLine, _("as agreed"), "order_lines")
    text = models.CharField(_("what"), max_length=300, blank=True, default="", db_default="")
    unit = models.CharField(_("unit"), max_length=20, blank=True, default="", db_default="")
    quantity = quantity_field(_("quantity"))
    list_price = money_field(_("list price"))
    discount = percent_field(_("discount, %"))
    list_total = money_field(_("list total"))
    discount_amount = money_field(_("discount"))
    whole_share = money_field(_("share of the discount on the whole"))
    net = money_field(_("net"))
    is_reserved = models.BooleanField(_("from stock"))

    objects = OrderPartQuerySet.as_manager()
    NAMED_BY = ("product",)

    class Meta:
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="one_order_line_per_position"),
            models.CheckConstraint(condition=Q(quantity__gt=0, net__gte=0), name="order_line_is_sound"),
            models.CheckConstraint(condition=Q(product__isnull=False) | ~Q(text=""), name="order_line_says_what"),
        ]
        indexes = [models.Index(fields=["agreed"], name="ordered_as_agreed", condition=Q(agreed__isnull=False))]
        triggers = [pgtrigger.Protect(name="stays_as_placed", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return self.text or str(self.product)

    @property
    def measured_in(self):
        return self.unit or (self.product.unit if self.product_id else "")
