"""How many visits, calls and meetings a week people are to make: for a role, a team's people, or one person."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.querysets.targets import ActivityTargetQuerySet
from salesorg.audit.triggers import recorded
from salesorg.lib.db import has_days, no_overlap
from salesorg.people.models import Team, User
from salesorg.people.roles import Role


class Measure(models.IntegerChoices):
    """What is counted. What each counts, and where its rows are listed: accounts.measures."""

    LEADS = 1, _("Leads created")
    CALLS = 2, _("Calls")
    MEETINGS = 3, _("Meetings booked")
    VISITS = 4, _("Visits")
    PROPOSALS = 5, _("Proposals")


class ActivityTarget(models.Model):
    """So many a week from each person it is for, for a time. A person's own goes before the team's, that before the role's."""

    measure = models.PositiveSmallIntegerField(_("what"), choices=Measure.choices)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="activity_targets", verbose_name=_("person")
    )
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="activity_targets", verbose_name=_("team"))
    role = models.PositiveSmallIntegerField(_("role"), choices=Role.choices, null=True, blank=True)
    per_week = models.PositiveSmallIntegerField(_("a week"), validators=[MaxValueValidator(1000)])
    during = DateRangeField(_("during"))

    objects = ActivityTargetQuerySet.as_manager()
    NAMED_BY = ("user", "team")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, team=None, role=None)
                | Q(user=None, team__isnull=False, role=None)
                | Q(user=None, team=None, role__isnull=False),
                name="target_of_one",
            ),
            *(
                ExclusionConstraint(
                    name=f"one_target_per_{name}",
                    expressions=no_overlap("measure", column),
                    condition=Q(**{f"{name}__isnull": False}),
                )
                for name, column in (("user", "user_id"), ("team", "team_id"), ("role", "role"))
            ),
            has_days("target_has_days"),
        ]
        triggers = recorded()

    def __str__(self):
        about = self.user or self.team or self.get_role_display()
        return f"{about} · {self.get_measure_display()}"
