"""Which competitors were seen at which accounts, with which product and at which price."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from accounts.querysets.field import CompetitorQuerySet, OfAccountQuerySet
from salesorg.audit.triggers import recorded
from salesorg.people.models import User

from .accounts import Account
from .activities import Activity


class Competitor(models.Model):
    """Somebody else who sells to our accounts."""

    name = models.CharField(_("name"), max_length=100)

    objects = CompetitorQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Upper("name"), name="competitor_once")]
        triggers = recorded()

    def __str__(self):
        return self.name


class Sighting(models.Model):
    """A competitor seen at an account on a day: with what, and at what price."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="sightings", verbose_name=_("account"))
    activity = models.ForeignKey(Activity, models.SET_NULL, null=True, blank=True, related_name="sightings", editable=False)
    competitor = models.ForeignKey(Competitor, models.PROTECT, related_name="sightings", verbose_name=_("competitor"))
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("seen by"))
    product = models.CharField(_("product"), max_length=100, blank=True)
    price = models.DecimalField(
        _("price"), max_digits=20, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    seen_on = models.DateField(_("seen on"))

    objects = OfAccountQuerySet.as_manager()
    NAMED_BY = ("account", "competitor")

    class Meta:
        ordering = ["-seen_on", "-pk"]
        indexes = [
            models.Index(fields=["-seen_on", "-id"], name="sightings_newest"),
            models.Index(fields=["competitor", "-seen_on"], name="sightings_of_competitor"),
        ]
        triggers = recorded()

    def __str__(self):
        return f"{self.competitor} · {self.account}"
