"""What a deal must have before it leaves a stage, what was ticked on it, and who let it go without."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pipeline import criteria
from pipeline.querysets.deals import DealPartQuerySet, StageQuerySet
from salesorg.audit.triggers import recorded
from salesorg.people.models import User
from salesorg.people.roles import Action

from .deals import Deal
from .stages import Stage


class Criterion(models.Model):
    """One exit criterion of a stage. It is never changed, only removed: what was ticked stays what was meant."""

    UNDO_NEEDS = Action.EDIT_PIPELINES

    stage = models.ForeignKey(Stage, models.CASCADE, related_name="criteria")
    kind = models.CharField(_("what is asked for"), max_length=20)  # a code of pipeline.criteria
    value = models.CharField(_("which"), max_length=200)
    position = models.PositiveSmallIntegerField(default=0)

    objects = StageQuerySet.as_manager()

    class Meta:
        ordering = ["stage", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["stage", "kind", "value"], name="criterion_once_per_stage")]
        triggers = recorded()

    def __str__(self):
        return self.sentence

    @property
    def sentence(self):
        """What is true of a deal that meets it: "A demo was held"."""
        return str(criteria.kind_of(self.kind).says(self.value))


class Tick(models.Model):
    """A person has said of a deal that a sentence of the checklist is true."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="ticks")
    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="ticks")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("ticked by"))
    at = models.DateTimeField(_("ticked"), default=timezone.now)

    objects = DealPartQuerySet.as_manager()
    NAMED_BY = ("deal", "criterion")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "criterion"], name="tick_once_per_deal")]
        triggers = recorded()

    def __str__(self):
        return f"{self.deal} · {self.criterion}"


class GateOverride(models.Model):
    """A deal left a stage without one of its exit criteria: who let it go, and why."""

    UNDO_NEEDS = Action.OVERRIDE_GATES

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="overrides", verbose_name=_("deal"))
    from_stage = models.ForeignKey(Stage, models.PROTECT, related_name="+", verbose_name=_("from"))
    to_stage = models.ForeignKey(Stage, models.PROTECT, related_name="+", verbose_name=_("to"))
    criterion = models.CharField(_("criterion"), max_length=300)  # in words: the criterion itself may be gone one day
    reason = models.CharField(_("reason"), max_length=500)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = DealPartQuerySet.as_manager()
    NAMED_BY = ("deal",)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["-at", "-id"], name="override_latest")]
        triggers = recorded()

    def __str__(self):
        return f"{self.deal} · {self.criterion}"
