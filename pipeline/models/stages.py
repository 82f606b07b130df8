"""The pipelines, their stages, and what their statuses and forecast categories are called."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pipeline.querysets import VocabularyQuerySet
from salesorg.audit.triggers import recorded
from salesorg.people.roles import Role


class Pipeline(models.Model):
    """A way deals go: new business, expansion, renewal."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        triggers = recorded()

    def __str__(self):
        return self.name


class ForecastCategory(models.TextChoices):
    PIPELINE = "pipeline", _("Pipeline")
    BEST_CASE = "best_case", _("Best case")
    COMMIT = "commit", _("Commit")
    CLOSED = "closed", _("Closed")
    OMITTED = "omitted", _("Omitted")


class Status(models.TextChoices):
    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class Stage(models.Model):
    """A step of a pipeline. Its status says whether a deal in it is open, won or lost."""

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="stages")
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"))
    status = models.CharField(_("deals here are"), max_length=4, choices=Status.choices, default=Status.OPEN)
    owner_role = models.PositiveSmallIntegerField(_("worked by"), choices=Role.choices, default=Role.AE)
    probability = models.PositiveSmallIntegerField(_("probability, %"))
    forecast_category = models.CharField(
        _("forecast category"), max_length=10, choices=ForecastCategory.choices, default=ForecastCategory.PIPELINE
    )
    expected_days = models.PositiveSmallIntegerField(_("expected days"), null=True, blank=True)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["pipeline", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["pipeline", "position"], name="stage_position_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(fields=["pipeline", "name"], name="stage_name_once"),
            models.CheckConstraint(condition=Q(probability__lte=100), name="stage_probability_at_most_100"),
        ]
        triggers = recorded()

    def __str__(self):
        return self.name


class LossReason(models.Model):
    name = models.CharField(_("name"), max_length=100, unique=True)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        triggers = recorded()

    def __str__(self):
        return self.name
