"""When people work: the organisation's hours, a person's own, and who is away and who stands in."""

from datetime import time

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.db import has_days, no_overlap

from ..querysets import AbsenceQuerySet, WorkingDayQuerySet
from .people import User


class WorkingDay(models.Model):
    """The hours of one weekday, of everybody (no user) or of one person; a weekday without a row is a day off."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="working_days", verbose_name=_("person"))
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    opens = models.TimeField(_("from"))
    closes = models.TimeField(_("until"))  # 00:00 is midnight, the end of the day

    objects = WorkingDayQuerySet.as_manager()
    NAMED_BY = ("user",)

    class Meta:
        ordering = ["weekday"]
        constraints = [
            models.UniqueConstraint("user", "weekday", name="one_working_day_per_weekday", nulls_distinct=False),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="seven_weekdays"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")) | Q(closes=time(0)), name="working_day_has_hours"),
        ]
        triggers = recorded()

    def __str__(self):
        return f"{self.user or _('Everybody')} · {self.get_weekday_display()}"


class PublicHoliday(models.Model):
    """A day on which nobody works."""

    day = models.DateField(_("day"), unique=True)
    name = models.CharField(_("name"), max_length=100)

    objects = WorkingDayQuerySet.as_manager()

    class Meta:
        ordering = ["day"]
        triggers = recorded()

    def __str__(self):
        return f"{self.day:%Y-%m-%d} {self.name}"


class Absence(models.Model):
    """Days on which somebody does not work: clocks stand still, and what cannot wait goes to the stand-in."""

    class Reason(models.TextChoices):
        HOLIDAY = "holiday", _("Holiday")
        ILLNESS = "illness", _("Illness")
        TRAINING = "training", _("Training")
        LEAVE = "leave", _("Leave")
        OTHER = "other", _("Something else")

    LONGEST = 731  # days; who is away for longer has left, or has a role that ended

    user = models.ForeignKey(User, models.CASCADE, related_name="absences", verbose_name=_("person"))
    during = DateRangeField(_("during"))
    stand_in = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="standing_in", verbose_name=_("stand-in")
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices, default=Reason.HOLIDAY)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = AbsenceQuerySet.as_manager()
    NAMED_BY = ("user",)

    class Meta:
        ordering = ["during", "pk"]
        constraints = [
            ExclusionConstraint(name="absence_no_overlap", expressions=no_overlap("user_id")),
            models.CheckConstraint(condition=~Q(stand_in=F("user")), name="absence_stood_in_by_another"),
            has_days("absence_has_days"),
            models.CheckConstraint(condition=Q(during__endswith__isnull=False), name="absence_ends"),
        ]
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return f"{self.user} · {self.get_reason_display()}"

    def get_absolute_url(self):
        return reverse("people:absence_edit", args=[self.pk])
