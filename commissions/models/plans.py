"""Pay periods, quotas, plans, and whom a plan pays."""

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commissions.engine import plan_of
from commissions.querysets import PeriodQuerySet, PersonalTermQuerySet, PlanVersionQuerySet
from commissions.triggers import frozen_once
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.lib.db import no_overlap
from salesorg.lib.periods import month_of
from salesorg.people.models import User


class Measure(models.IntegerChoices):
    """What is counted. Numbers, because an exclusion constraint's key has to be one; the engine reads the name."""

    REVENUE = 1, _("Won value")
    OVERLAY = 2, _("Won value, overlay")

    @property
    def word(self):
        return self.name.lower()


class Period(models.Model):
    """A calendar month of pay. Once closed it stays closed: what changes later becomes an adjustment in an open one."""

    start = models.DateField(_("month"), unique=True)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        ordering = ["start"]
        constraints = [models.CheckConstraint(condition=Q(start__day=1), name="period_is_a_month")]
        triggers = [*recorded(), *frozen_once("closed_for_good", pgtrigger.Q(old__closed_at__isnull=False))]

    def __str__(self):
        return f"{self.start:%Y-%m}"

    @property
    def is_open(self):
        return self.closed_at is None

    @property
    def days(self):
        """The month as lib.periods.Period."""
        return month_of(self.start)


def _whole_months(name):
    """Pay terms change at the turn of a month, so that every month has one quota and one plan."""
    return models.CheckConstraint(
        condition=Q(during__isempty=False, during__startswith__day=1)
        & (Q(during__endswith__isnull=True) | Q(during__endswith__day=1)),
        name=name,
        violation_error_message=_("This begins and ends with a month."),
    )


class Quota(models.Model):
    """What a person is expected to win in each month of `during`."""

    user = models.ForeignKey(User, models.PROTECT, related_name="quotas", verbose_name=_("person"))
    measure = models.PositiveSmallIntegerField(_("measure"), choices=Measure.choices, default=Measure.REVENUE)
    amount = models.DecimalField(_("a month"), max_digits=20, decimal_places=4, validators=[MinValueValidator(1)])
    currency = models.CharField(_("currency"), max_length=3)
    during = DateRangeField(_("during"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = PersonalTermQuerySet.as_manager()
    NAMED_BY = ("user",)

    class Meta:
        constraints = [
            ExclusionConstraint(name="quota_no_overlap", expressions=no_overlap("user_id", "measure")),
            models.CheckConstraint(condition=Q(amount__gt=0), name="quota_above_zero"),
            _whole_months("quota_in_whole_months"),
        ]
        triggers = recorded()

    def __str__(self):
        return f"{self.user} · {self.during.lower:%Y-%m}"


class PlanVersion(models.Model):
    """One version of a pay plan: its components as data (commissions.engine.plans). Signed, it never changes again."""

    name = models.CharField(_("name"), max_length=100)
    number = models.PositiveSmallIntegerField(_("version"))
    currency = models.CharField(_("currency"), max_length=3)
    components = models.JSONField(_("components"))
    signed_at = models.DateTimeField(_("signed"), null=True, editable=False)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PlanVersionQuerySet.as_manager()

    class Meta:
        ordering = ["name", "-number"]
        constraints = [models.UniqueConstraint(fields=["name", "number"], name="plan_version_once")]
        triggers = [*recorded(), *versioned(), *frozen_once("signed_for_good", pgtrigger.Q(old__signed_at__isnull=False))]

    def __str__(self):
        return f"{self.name}, version {self.number}"

    def get_absolute_url(self):
        return address("commissions:plan_detail", self.pk)

    @property
    def plan(self):
        """The components as engine values. Raises engine.PlanError when the data is incomplete."""
        return plan_of(self.components)


class PlanAssignment(models.Model):
    """Which plan version pays a person, for a time; one at a time."""

    user = models.ForeignKey(User, models.PROTECT, related_name="plan_assignments", verbose_name=_("person"))
    plan_version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="assignments", verbose_name=_("plan"))
    during = DateRangeField(_("during"))

    objects = PersonalTermQuerySet.as_manager()
    NAMED_BY = ("user", "plan_version")

    class Meta:
        constraints = [
            ExclusionConstraint(name="one_plan_at_a_time", expressions=no_overlap("user_id")),
            _whole_months("plan_in_whole_months"),
        ]
        triggers = recorded()

    def __str__(self):
        return f"{self.user} · {self.plan_version}"
