"""Each time a deal entered a stage, and how long deals stay in each, counted every night."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pipeline.querysets.deals import DealPartQuerySet, StageQuerySet
from salesorg.people.models import User

from .deals import Deal
from .stages import Stage


class StageEntry(models.Model):
    """One stay of a deal in a stage: what DealVersion says without its changes of amount, owner and date within a stage.

    The triggers of DealVersion keep it, nobody else does. Stage conversion and the days in each stage are counted from it:
    over a whole company and years the states themselves would take seconds to read.
    """

    # No foreign keys in the database, as the states it is made of.
    deal = models.ForeignKey(Deal, models.DO_NOTHING, related_name="entries", db_constraint=False, db_index=False)
    stage = models.ForeignKey(Stage, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    owner = models.ForeignKey(User, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)  # as of entering
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)  # for another stage
    entered_before = models.DateTimeField(null=True)  # when it had come to the same stage the last time
    later = ArrayField(models.BigIntegerField())  # the stages it entered afterwards, in order

    objects = DealPartQuerySet.as_manager()

    class Meta:
        ordering = ["deal", "entered_at"]
        constraints = [models.UniqueConstraint(fields=["deal", "entered_at"], name="one_stage_entry_at_a_moment")]
        # Each holds all that is counted: answered from the index alone.
        indexes = [
            models.Index(
                fields=["stage", "entered_at"],
                include=["deal", "owner", "entered_before", "later"],
                name="stageentry_entered",
            ),
            models.Index(
                fields=["stage", "left_at"],
                include=["deal", "owner", "entered_at"],
                name="stageentry_left",
                condition=models.Q(left_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.deal_id} {self.entered_at}"


class StageStay(models.Model):
    """The completed stays in one stage: how many, and within how many whole days half and nine of ten of them ended."""

    stage = models.OneToOneField(Stage, models.CASCADE, primary_key=True, related_name="stay", verbose_name=_("stage"))
    stays = models.PositiveIntegerField(_("completed stays"))
    half = models.PositiveIntegerField(_("median, days"))
    most = models.PositiveIntegerField(_("90th percentile, days"))
    counted_at = models.DateTimeField(default=timezone.now)

    objects = StageQuerySet.as_manager()

    def __str__(self):
        return str(self.stage)
