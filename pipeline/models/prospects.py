"""Lists of prospects that an SDR works through, and what became of each prospect on them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from pipeline.querysets.prospects import ProspectListQuerySet, ProspectQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.people.models import User

from .leads import DisqualificationReason, Lead


class ProspectList(models.Model):
    """Companies chosen to be called one after the other, by one person or by two."""

    name = models.CharField(_("name"), max_length=100)
    owner = models.ForeignKey(User, models.PROTECT, related_name="prospect_lists", verbose_name=_("whose"))
    shared_with = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="shared_prospect_lists", verbose_name=_("shared with")
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ProspectListQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("pipeline:prospect_list_detail", self.pk)

    @property
    def is_open(self):
        return self.closed_at is None


class Prospect(models.Model):
    """One company on a list. Whoever has it before them holds it for a while, so that nobody else is given it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("to be called")
        LATER = "later", _("put off")
        DONE = "done", _("worked")
        NO_FIT = "no_fit", _("no fit")

    list = models.ForeignKey(ProspectList, models.CASCADE, related_name="prospects", verbose_name=_("list"))
    account = models.ForeignKey(Account, models.CASCADE, related_name="on_lists", verbose_name=_("account"))
    position = models.PositiveIntegerField(editable=False)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.WAITING)
    later_on = models.DateField(_("again on"), null=True, editable=False)
    reason = models.ForeignKey(
        DisqualificationReason, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("reason")
    )
    note = models.CharField(_("in words"), max_length=300, blank=True)
    worked_at = models.DateTimeField(_("worked"), null=True, editable=False)
    worked_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("worked by"))
    reached_at = models.DateTimeField(_("reached"), null=True, editable=False)
    meeting_at = models.DateTimeField(_("meeting agreed"), null=True, editable=False)
    lead = models.ForeignKey(Lead, models.SET_NULL, null=True, editable=False, related_name="prospects", verbose_name=_("lead"))
    held_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    held_until = models.DateTimeField(null=True, editable=False)

    objects = ProspectQuerySet.as_manager()
    NAMED_BY = ("account", "list")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["list", "account"], name="prospect_once_per_list"),
            models.CheckConstraint(
                condition=Q(held_by=None, held_until=None) | Q(held_by__isnull=False, held_until__isnull=False),
                name="prospect_held_for_a_time",
            ),
            models.CheckConstraint(condition=~Q(state="later") | Q(later_on__isnull=False), name="put_off_until_a_day"),
            models.UniqueConstraint(
                fields=["list", "held_by"], condition=Q(held_by__isnull=False), name="one_prospect_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["list", "position"], name="prospects_in_order")]
        # Who has it before them is no change of the prospect: it must not stand in the way of an undo.
        triggers = recorded(left_out=["held_by_id", "held_until"])

    def __str__(self):
        return f"{self.account} · {self.list}"
