"""What is sold, and for how much."""

from django.contrib.postgres.fields import DateRangeField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from pipeline.querysets import VocabularyQuerySet
from salesorg.audit.triggers import recorded


class Product(models.Model):
    name = models.CharField(_("name"), max_length=200, unique=True)
    series = models.CharField(_("series"), max_length=100, blank=True)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        triggers = recorded()

    def __str__(self):
        return self.name


class PriceList(models.Model):
    """Prices in one currency, valid for a time."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    currency = models.CharField(_("currency"), max_length=3)
    during = DateRangeField(_("valid"))

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        triggers = recorded()

    def __str__(self):
        return self.name


class Price(models.Model):
    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="prices")
    product = models.ForeignKey(Product, models.CASCADE, related_name="prices")
    amount = models.DecimalField(_("price"), max_digits=20, decimal_places=4, validators=[MinValueValidator(0)])

    objects = VocabularyQuerySet.as_manager()
    NAMED_BY = ("price_list", "product")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["price_list", "product"], name="one_price_per_list_and_product")]
        triggers = recorded()

    def __str__(self):
        return f"{self.price_list} · {self.product}"
