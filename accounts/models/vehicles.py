"""The log of a company car, which is taxed: every trip, business or private, month by month."""

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.querysets.field import VehicleLogQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.people.models import User

from .activities import Activity

LONGEST_TRIP = 3000  # kilometres in a day; beyond lies a typing error
LARGEST_ODOMETER = 9_999_999


class Vehicle(models.Model):
    """The car somebody drives. Where its days begin and end is said by their FieldDay."""

    user = models.OneToOneField(User, models.CASCADE, related_name="vehicle")
    plate = models.CharField(_("number plate"), max_length=20, blank=True)

    objects = VehicleLogQuerySet.as_manager()
    NAMED_BY = ("user",)

    class Meta:
        triggers = recorded()

    def __str__(self):
        return f"{self.plate} {self.user}".strip()


# On every path, undo among them: what was handed in is corrected with a reason, and nothing vanishes from it. That the visit
# of a trip has gone is no correction.
KEEP_CLOSED = """
IF TG_OP = 'UPDATE' THEN
    same := (OLD.driven_on, OLD.origin, OLD.destination, OLD.kind, OLD.purpose, OLD.kilometres, OLD.odometer, OLD.is_void)
        IS NOT DISTINCT FROM
        (NEW.driven_on, NEW.origin, NEW.destination, NEW.kind, NEW.purpose, NEW.kilometres, NEW.odometer, NEW.is_void);
END IF;
IF NOT same AND COALESCE(NEW.correction, '') = '' AND EXISTS (
    SELECT FROM accounts_vehiclemonth WHERE (user_id, start) IN (
        (OLD.user_id, date_trunc('month', OLD.driven_on)::date), (NEW.user_id, date_trunc('month', NEW.driven_on)::date)
    )
) THEN
    RAISE EXCEPTION 'The month of trip % is closed', COALESCE(NEW.id, OLD.id) USING TABLE = 'accounts_vehiclemonth';
END IF;
RETURN COALESCE(NEW, OLD);
"""


class Trip(models.Model):
    """One way driven on one day. In a closed month it is only corrected with a reason, and never taken away."""

    class Purpose(models.TextChoices):
        BUSINESS = "business", _("Business")
        COMMUTE = "commute", _("Home to work")
        PRIVATE = "private", _("Private")

    user = models.ForeignKey(User, models.PROTECT, related_name="trips", verbose_name=_("driver"))
    on = models.DateField(_("day"), db_column="driven_on")
    origin = models.CharField(_("from"), max_length=200)
    destination = models.CharField(_("to"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Purpose.choices, default=Purpose.BUSINESS)
    purpose = models.CharField(_("what for"), max_length=200, blank=True)
    kilometres = models.DecimalField(
        _("kilometres"), max_digits=6, decimal_places=1, validators=[MinValueValidator(0), MaxValueValidator(LONGEST_TRIP)]
    )
    odometer = models.PositiveIntegerField(
        _("odometer at the end"), null=True, blank=True, validators=[MaxValueValidator(LARGEST_ODOMETER)]
    )
    activity = models.ForeignKey(Activity, models.SET_NULL, null=True, blank=True, related_name="trips", editable=False)
    is_void = models.BooleanField(_("struck out"), default=False, editable=False)
    correction = models.CharField(_("why it was corrected"), max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = VehicleLogQuerySet.as_manager()

    class Meta:
        ordering = ["on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kilometres__gte=0), name="trip_not_backwards"),
            # A visit is driven to once by each person, however often its proposal is tapped.
            models.UniqueConstraint(fields=["user", "activity"], condition=Q(is_void=False), name="trip_once_for_a_visit"),
        ]
        indexes = [models.Index(fields=["user", "on", "id"], name="trips_of_month")]
        triggers = [
            *recorded(),
            *versioned(),
            pgtrigger.Trigger(
                name="closed_month_keeps_its_trips",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("same", "boolean := false")],
                func=KEEP_CLOSED,
            ),
        ]

    def __str__(self):
        return f"{self.origin} → {self.destination}"

    def get_absolute_url(self):
        return reverse("accounts:trip_edit", args=[self.pk])


class VehicleMonth(models.Model):
    """A month of somebody's log that was closed, to be handed in. Its driver may open it again until finance takes it over."""

    user = models.ForeignKey(User, models.PROTECT, related_name="vehicle_months")
    start = models.DateField(_("month"))
    closed_at = models.DateTimeField(default=timezone.now, editable=False)
    taken_over_at = models.DateTimeField(_("taken over"), null=True, editable=False)
    given_back_because = models.CharField(_("why it was given back"), max_length=200, blank=True, db_default="", default="")

    objects = VehicleLogQuerySet.as_manager()
    NAMED_BY = ("user",)

    class Meta:
        ordering = ["-start"]
        verbose_name = _("closed month")
        verbose_name_plural = _("closed months")
        constraints = [
            models.UniqueConstraint(fields=["user", "start"], name="month_closed_once"),
            models.CheckConstraint(condition=Q(start__day=1), name="vehicle_month_begins_on_the_first"),
        ]
        triggers = recorded()

    def __str__(self):
        return f"{self.start:%Y-%m} {self.user}"
