"""The pipelines, their stages, and what their statuses and forecast categories are called."""

from functools import cached_property

import pgtrigger
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pipeline.engine.pace import pace
from pipeline.engine.stages import Step
from pipeline.querysets.deals import StageQuerySet, VocabularyQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.people.roles import Action, Role


class DealType(models.TextChoices):
    NEW = "new", _("New business")
    EXPANSION = "expansion", _("Expansion")
    RENEWAL = "renewal", _("Renewal")


class Pipeline(models.Model):
    """A way deals go: new business, expansion, renewal."""

    UNDO_NEEDS = Action.EDIT_PIPELINES

    name = models.CharField(_("name"), max_length=100, unique=True)
    deal_type = models.CharField(
        _("deals here are"), max_length=10, choices=DealType.choices, default=DealType.NEW, db_default="new"
    )
    renewal_days = models.PositiveSmallIntegerField(
        _("days before a contract ends"), default=90, db_default=90, validators=[MaxValueValidator(730)],
        help_text=_("So long before, the night opens its renewal here. Only where deals are renewals."),
    )  # fmt: skip
    moves_on_acceptance = models.BooleanField(
        _("an accepted handoff moves the deal"), default=False, db_default=False
    )  # to the first stage that the receiver's role owns
    archived_at = models.DateTimeField(null=True, editable=False)  # no longer in use; its past stays

    objects = StageQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        triggers = recorded()

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("pipeline:pipeline_detail", self.pk)


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

    UNDO_NEEDS = Action.EDIT_PIPELINES

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="stages")
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"))
    status = models.CharField(_("deals here are"), max_length=4, choices=Status.choices, default=Status.OPEN)
    owner_role = models.PositiveSmallIntegerField(_("worked by"), choices=Role.choices, default=Role.AE)
    probability = models.PositiveSmallIntegerField(_("probability, %"), validators=[MaxValueValidator(100)])
    forecast_category = models.CharField(
        _("forecast category"), max_length=10, choices=ForecastCategory.choices, default=ForecastCategory.PIPELINE
    )
    expected_days = models.PositiveSmallIntegerField(
        _("expected days"), null=True, blank=True, validators=[MaxValueValidator(3_650)]
    )
    archived_at = models.DateTimeField(null=True, editable=False)  # no longer in use; deals were in it on past days
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = StageQuerySet.as_manager()

    class Meta:
        ordering = ["pipeline", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["pipeline", "position"], name="stage_position_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(fields=["pipeline", "name"], name="stage_name_once"),
            models.CheckConstraint(condition=Q(probability__lte=100), name="stage_probability_at_most_100"),
        ]
        # Deals keep their pipeline and their status beside their stage: neither may change under them.
        triggers = [*recorded(), *versioned(), pgtrigger.ReadOnly(name="stays_what_it_is", fields=["pipeline", "status"])]

    def __str__(self):
        return self.name

    def in_use_at(self, moment=None):
        """Whether deals could be in the stage at that moment, or now."""
        return self.archived_at is None or (moment is not None and self.archived_at > moment)

    @cached_property
    def pace(self):
        """How long is normal here (pipeline.engine.pace.Pace); read with select_related("stay") where there are several."""
        stay = getattr(self, "stay", None)
        return pace(self.expected_days, stay.stays, stay.half, stay.most) if stay else pace(self.expected_days)

    @property
    def step(self):
        """The stage as the pure gates know it."""
        return Step(self.pk, self.position, self.status, self.archived_at is None)


class LossReason(models.Model):
    name = models.CharField(_("name"), max_length=100, unique=True)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        triggers = recorded()

    def __str__(self):
        return self.name
