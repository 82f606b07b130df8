"""What is sold, for how much from which day on, and what it costs us."""

from decimal import Decimal

from django.contrib.postgres.fields import DateRangeField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pipeline.querysets.deals import VocabularyQuerySet
from pipeline.querysets.products import CostQuerySet, ProductQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.people.roles import Action


class Product(models.Model):
    UNDO_NEEDS = Action.EDIT_PRODUCTS

    name = models.CharField(_("name"), max_length=200, unique=True)
    code = models.CharField(_("code"), max_length=40, blank=True, default="", db_default="")
    unit = models.CharField(
        _("unit"), max_length=20, blank=True, default="", db_default="", help_text=_("For example: piece, hour, month.")
    )
    series = models.CharField(_("series"), max_length=100, blank=True)
    archived_at = models.DateTimeField(_("no longer sold since"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=~Q(code=""), name="product_code_once",
                violation_error_message=_("Another product has this code."),
            ),
        ]  # fmt: skip
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("pipeline:product_detail", self.pk)


class PriceList(models.Model):
    """Prices in one currency, valid for a time. Which of several counts: pipeline.price_lists."""

    UNDO_NEEDS = Action.EDIT_PRODUCTS

    name = models.CharField(_("name"), max_length=100, unique=True)
    currency = models.CharField(_("currency"), max_length=3)
    during = DateRangeField(_("valid"))

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        triggers = recorded()

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("pipeline:price_list", self.pk)


class Price(models.Model):
    """What a product costs on a list from a day on; a later row takes over on its day, and the earlier stays."""

    UNDO_NEEDS = Action.EDIT_PRODUCTS

    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="prices")
    product = models.ForeignKey(Product, models.CASCADE, related_name="prices")
    since = models.DateField(_("from"), null=True, blank=True)  # null: from the first day of the list
    amount = models.DecimalField(_("price"), max_digits=20, decimal_places=4, validators=[MinValueValidator(Decimal(0))])

    objects = VocabularyQuerySet.as_manager()
    NAMED_BY = ("price_list", "product")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["price_list", "product", "since"], nulls_distinct=False, name="one_price_per_list_product_and_day"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="price_not_negative"),
        ]
        triggers = recorded()

    def __str__(self):
        return f"{self.price_list} · {self.product}"


class ProductCost(models.Model):
    """What one unit of a product costs us from a day on. A table of its own: its history is as closed as itself."""

    UNDO_NEEDS = Action.EDIT_PRODUCTS

    product = models.ForeignKey(Product, models.CASCADE, related_name="costs")
    currency = models.CharField(_("currency"), max_length=3)
    since = models.DateField(_("from"))
    amount = models.DecimalField(_("cost"), max_digits=20, decimal_places=4, validators=[MinValueValidator(Decimal(0))])

    objects = CostQuerySet.as_manager()
    NAMED_BY = ("product",)

    class Meta:
        verbose_name = _("cost")
        ordering = ["product", "currency", "-since"]
        constraints = [
            models.UniqueConstraint(fields=["product", "currency", "since"], name="one_cost_per_product_currency_and_day"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="product_cost_not_negative"),
        ]
        triggers = recorded()

    def __str__(self):
        return str(self.product)
