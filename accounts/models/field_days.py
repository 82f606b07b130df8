"""How a person's days in the field run: where they begin and end, when, and how quickly one gets about."""

from datetime import time
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.engine.route import Day, Place
from accounts.querysets.accounts import OwnQuerySet
from salesorg.audit.triggers import recorded
from salesorg.people.models import User


class FieldDay(models.Model):
    """One person's settings for the route of a day. Whoever has none gets the defaults, and no fixed start or end."""

    user = models.OneToOneField(User, models.CASCADE, related_name="field_day", verbose_name=_("person"))
    start_name = models.CharField(_("starts at"), max_length=100, blank=True)
    start_latitude = models.FloatField(null=True, blank=True)
    start_longitude = models.FloatField(null=True, blank=True)
    end_name = models.CharField(_("ends at"), max_length=100, blank=True)
    end_latitude = models.FloatField(null=True, blank=True)
    end_longitude = models.FloatField(null=True, blank=True)
    begins = models.TimeField(_("day begins"), default=time(8))
    ends = models.TimeField(_("day ends"), default=time(18))
    visit_minutes = models.PositiveSmallIntegerField(
        _("minutes of a visit"), default=30, validators=[MinValueValidator(5), MaxValueValidator(600)]
    )
    speed = models.PositiveSmallIntegerField(
        _("speed, km/h"), default=45, validators=[MinValueValidator(5), MaxValueValidator(150)]
    )
    road_factor = models.DecimalField(
        _("road factor"),
        max_digits=3,
        decimal_places=2,
        default=Decimal("1.3"),
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(3))],
    )

    objects = OwnQuerySet.as_manager()
    NAMED_BY = ("user",)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="field_day_ends_after_it_begins")]
        # Where somebody lives is not told to whoever reads the history of changes.
        triggers = recorded(left_out=["start_latitude", "start_longitude", "end_latitude", "end_longitude"])

    def __str__(self):
        return f"{self.user}"

    @property
    def start(self):
        return _place(self.start_latitude, self.start_longitude)

    @property
    def end(self):
        return _place(self.end_latitude, self.end_longitude)

    def as_day(self):
        """The day as a route is planned for it."""
        begins, ends = (each.hour * 60 + each.minute for each in (self.begins, self.ends))
        return Day(begins, ends, self.start, self.end, self.speed, float(self.road_factor))


def _place(latitude, longitude):
    return None if latitude is None or longitude is None else Place(latitude, longitude)
