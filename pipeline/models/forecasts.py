"""What people judge a period will bring, beside what the deals said when they said so."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pipeline.querysets.deals import ForecastCallQuerySet
from salesorg.audit.triggers import append_only
from salesorg.lib.periods import Period
from salesorg.people.models import Team, User


def amount(label, **kwargs):
    return models.DecimalField(label, max_digits=20, decimal_places=4, validators=[MinValueValidator(Decimal(0))], **kwargs)


class ForecastCall(models.Model):
    """One person's judgement of a period on one day. It is never changed: who thinks otherwise later makes another call.

    Both amounts are totals of the period: `commit` is what will close in it at the least, what has closed already
    included, `best_case` what may close if things go well, the commit included. With a `team` it is the judgement of its
    leader on everybody in it and below; without one it is on the person's own deals. The last four amounts are what the
    deals said at that moment (pipeline.reports.forecasts), in the same currency.
    """

    # Made with the form: a call that is sent twice is kept once. None for those kept before, and by commands.
    client_id = models.UUIDField(null=True, unique=True, editable=False)
    owner = models.ForeignKey(User, models.PROTECT, related_name="forecast_calls", verbose_name=_("called by"))
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="forecast_calls", verbose_name=_("team"))
    start = models.DateField(_("first day"))
    until = models.DateField(_("day after the last"))
    commit = amount(_("commit"))
    best_case = amount(_("best case"))
    currency = models.CharField(_("currency"), max_length=3)
    note = models.CharField(_("note"), max_length=500, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)
    closed_then = amount(_("closed then"))
    commit_then = amount(_("open as commit then"))
    best_case_then = amount(_("open as best case then"))
    pipeline_then = amount(_("open as pipeline then"))

    objects = ForecastCallQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("start")), name="call_period_has_days"),
            models.CheckConstraint(condition=Q(commit__gte=0, best_case__gte=F("commit")), name="call_best_case_holds_commit"),
        ]
        indexes = [models.Index(fields=["team", "owner", "start", "until", "-at"], name="forecast_call_history")]
        triggers = append_only()

    def __str__(self):
        return f"{self.owner} · {self.start:%Y-%m}"

    @property
    def period(self):
        return Period(self.start, self.until)

    @property
    def rolled_commit(self):
        """What the roll-up said of the same thing as `commit`: closed and open as commit."""
        return self.closed_then + self.commit_then

    @property
    def rolled_best_case(self):
        return self.rolled_commit + self.best_case_then
