"""How long deals stay in each stage, counted every night from their past states."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pipeline.querysets.deals import StageQuerySet

from .stages import Stage


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
