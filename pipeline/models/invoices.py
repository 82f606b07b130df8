"""What became of orders: deliveries and returns, invoices, credit notes and payments. Rows are added and never changed."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from pipeline.querysets.orders import DeliveryPartQuerySet, InvoicePartQuerySet, InvoiceQuerySet, OrderPartQuerySet
from salesorg.audit.triggers import recorded
from salesorg.lib.addresses import address
from salesorg.people.models import User
from salesorg.people.roles import Action

from .orders import Order, OrderLine, money_field
from .stock import quantity_field

# What is open of an invoice is what its credit notes and payments leave: the one writer of `open`.
STAYS = """
IF current_setting('salesorg.takes_back', true) = 'import' THEN RETURN OLD; END IF;
RAISE EXCEPTION 'What was recorded about money stays' USING TABLE = TG_TABLE_NAME;
"""
UNPAID = "UPDATE pipeline_invoice SET open = open + OLD.amount WHERE id = OLD.invoice_id; RETURN NULL;"
UNCREDITED = "UPDATE pipeline_invoice SET open = open - OLD.amount WHERE id = OLD.credits_id; RETURN NULL;"
PAID = "UPDATE pipeline_invoice SET open = open - NEW.amount WHERE id = NEW.invoice_id; RETURN NULL;"
CREDITED = "UPDATE pipeline_invoice SET open = open + NEW.amount WHERE id = NEW.credits_id; RETURN NULL;"


class Delivery(models.Model):
    """Something of an order was delivered, or came back, on a day."""

    class Kind(models.TextChoices):
        DELIVERED = "delivered", _("Delivered")
        RETURNED = "returned", _("Came back")

    order = models.ForeignKey(Order, models.CASCADE, related_name="deliveries")
    kind = models.CharField(_("what happened"), max_length=9, choices=Kind.choices)
    on = models.DateField(_("on"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    client_id = models.UUIDField(null=True, unique=True, editable=False)  # made with the form: sent twice it is stored once
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("written"), default=timezone.now)

    objects = OrderPartQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        triggers = [pgtrigger.Protect(name="never_changes", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return self.get_kind_display()


class DeliveryLine(models.Model):
    """How much of one line of the order it was."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="delivered")
    quantity = quantity_field(_("quantity"))

    objects = DeliveryPartQuerySet.as_manager()

    class Meta:
        ordering = ["delivery", "line"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "line"], name="once_in_each_delivery"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="delivered_something"),
        ]
        triggers = [pgtrigger.Protect(name="never_changes", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return str(self.quantity)


class Invoice(models.Model):
    """An invoice, or a credit note to one: as the accounting issued it. What was wrong is put right by a further row."""

    UNDO_NEEDS = Action.RECORD_INVOICES
    may_be_taken_back = False

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT = "credit", _("Credit note")

    account = models.ForeignKey(Account, models.PROTECT, related_name="invoices", verbose_name=_("account"))
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="invoices", verbose_name=_("order"))
    credits = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credit_notes", verbose_name=_("credits")
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices, default=Kind.INVOICE)
    number = models.CharField(_("number"), max_length=40, unique=True)
    amount = money_field(_("amount"))  # of a credit note negative
    currency = models.CharField(_("currency"), max_length=3)
    open = money_field(_("open"))  # of a credit note nothing
    issued_on = models.DateField(_("issued"))
    due_on = models.DateField(_("due"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by"))
    at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="credit", amount__lt=0, credits__isnull=False, open=0)
                | Q(kind="invoice", amount__gt=0, credits=None),
                name="credit_note_names_its_invoice",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-issued_on", "-id"], name="invoices_of_account"),
            models.Index(fields=["due_on", "id"], name="invoices_open", condition=~Q(open=0)),
            models.Index(F("issued_on").desc(), F("id").desc(), name="invoices_by_day"),
        ]
        triggers = [
            *recorded(left_out=["open"]),
            pgtrigger.Trigger(name="stays", when=pgtrigger.Before, operation=pgtrigger.Delete, func=STAYS),
            pgtrigger.Trigger(
                name="uncredited", when=pgtrigger.After, operation=pgtrigger.Delete, func=UNCREDITED,
                condition=pgtrigger.Q(old__kind="credit"),
            ),
            pgtrigger.ReadOnly(
                name="stays_as_issued",
                fields=["order", "credits", "kind", "number", "amount", "currency", "issued_on", "due_on", "note"],
            ),
            pgtrigger.Trigger(
                name="credited", when=pgtrigger.After, operation=pgtrigger.Insert, func=CREDITED,
                condition=pgtrigger.Q(new__kind="credit"),
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return address("pipeline:invoice_detail", self.pk)

    @property
    def is_credit(self):
        return self.kind == self.Kind.CREDIT

    def is_overdue(self, day):
        return self.open > 0 and self.due_on is not None and self.due_on < day


class Payment(models.Model):
    """Money that came for an invoice; a negative amount is money that went back, or puts a wrong row right."""

    UNDO_NEEDS = Action.RECORD_INVOICES
    may_be_taken_back = False

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="payments", verbose_name=_("invoice"))
    amount = money_field(_("amount"))
    paid_on = models.DateField(_("paid"))
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    client_id = models.UUIDField(null=True, unique=True, editable=False)  # made with the form: sent twice it is stored once
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by"))
    at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = InvoicePartQuerySet.as_manager()

    class Meta:
        ordering = ["paid_on", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="payment_of_something")]
        triggers = [
            *recorded(),
            pgtrigger.Protect(name="never_changes", operation=pgtrigger.Update),
            pgtrigger.Trigger(name="stays", when=pgtrigger.Before, operation=pgtrigger.Delete, func=STAYS),
            pgtrigger.Trigger(name="unpaid", when=pgtrigger.After, operation=pgtrigger.Delete, func=UNPAID),
            pgtrigger.Trigger(name="paid", when=pgtrigger.After, operation=pgtrigger.Insert, func=PAID),
        ]

    def __str__(self):
        return str(self.paid_on)
