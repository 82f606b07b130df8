"""Deals, who works on them, and every state they were in."""

from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, DateTimeRangeField
from django.contrib.postgres.fields.ranges import RangeStartsWith
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Activity
from pipeline.querysets.deals import (
    DealMemberQuerySet,
    DealPartQuerySet,
    DealQuerySet,
    closing_day,
    deal_words,
    next_step_day,
    size_of,
)
from pipeline.triggers import keeps_entries, keeps_versions
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.lib.db import IntegerKey, has_days, no_overlap
from salesorg.people.models import User
from salesorg.people.roles import Role

from .products import Product
from .stages import DealType, ForecastCategory, LossReason, Pipeline, Stage, Status


class GateDebt(models.TextChoices):
    """Facts an import of history could not bring; the next edit of the deal must."""

    ACCOUNT = "account", _("account")
    AMOUNT = "amount", _("amount")
    CLOSE_DATE = "close_date", _("close date")
    NEXT_STEP = "next_step", _("next step")
    LOSS_REASON = "loss_reason", _("loss reason")


def owed(code):
    return Q(gate_debt__contains=[code])


class Deal(models.Model):
    """Something an account may buy. Its past states are DealVersion, which a trigger keeps."""

    Type = DealType

    name = models.CharField(_("name"), max_length=200)
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("account"))
    owner = models.ForeignKey(User, models.PROTECT, related_name="deals", verbose_name=_("owner"))
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="deals", verbose_name=_("pipeline"))
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="deals", verbose_name=_("stage"))
    status = models.CharField(_("status"), max_length=4, choices=Status.choices, default=Status.OPEN, editable=False)
    forecast_category = models.CharField(
        _("forecast category"), max_length=10, choices=ForecastCategory.choices, default=ForecastCategory.PIPELINE
    )
    type = models.CharField(_("type"), max_length=10, choices=Type.choices, default=Type.NEW)
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("product"))
    amount = models.DecimalField(
        _("amount"), max_digits=20, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(Decimal(0))]
    )
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    opened_on = models.DateField(_("opened"), null=True, blank=True, editable=False)
    close_date = models.DateField(
        _("close date"), null=True, blank=True, help_text=_("Expected while open; the actual day once won or lost.")
    )
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)
    loss_reason = models.ForeignKey(
        LossReason, models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("loss reason")
    )
    gate_debt = ArrayField(
        models.CharField(max_length=20, choices=GateDebt.choices),
        verbose_name=_("facts missing"),
        default=list,
        blank=True,
        editable=False,
    )
    stage_since = models.DateTimeField(default=timezone.now, editable=False)
    external_key = models.CharField(max_length=200, null=True, editable=False, unique=True)  # noqa: DJ001 (null is not unique, "" is)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DealQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            # The gates, once more and for every path: what is missing is owed, and says so.
            models.CheckConstraint(condition=Q(account__isnull=False) | owed("account"), name="deal_has_account_or_owes_it"),
            models.CheckConstraint(condition=Q(amount__isnull=False) | owed("amount"), name="deal_has_amount_or_owes_it"),
            models.CheckConstraint(condition=Q(amount__isnull=True) | Q(amount__gte=0), name="deal_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(close_date__isnull=False) | owed("close_date"), name="deal_has_close_date_or_owes_it"
            ),
            models.CheckConstraint(
                condition=~Q(status="open") | (~Q(next_step="") & Q(next_step_on__isnull=False)) | owed("next_step"),
                name="open_deal_has_next_step_or_owes_it",
            ),
            models.CheckConstraint(
                condition=~Q(status="lost") | Q(loss_reason__isnull=False) | owed("loss_reason"),
                name="lost_deal_has_reason_or_owes_it",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "stage"], name="deal_open_by_owner", condition=Q(status="open")),
            models.Index(fields=["stage", "-amount", "id"], name="deal_open_by_stage", condition=Q(status="open")),
            models.Index(fields=["status", "close_date"], name="deal_by_close_date"),
            models.Index(fields=["next_step_on"], name="deal_next_step", condition=Q(status="open")),
            models.Index("stage", next_step_day(), "id", name="deal_board", condition=Q(status="open")),
            models.Index(  # the gate asks, on every page, which of one's deals are open
                fields=["id"], include=["account"], name="deal_open_for_gate", condition=Q(status="open", account__isnull=False)
            ),
            models.Index(fields=["name", "id"], name="deal_by_name"),
            models.Index(size_of(), "id", name="deal_by_size"),
            models.Index("status", closing_day(), "id", name="deal_by_closing"),
            models.Index(next_step_day(), "id", name="deal_by_next_step", condition=Q(status="open")),
            GinIndex(deal_words(), name="deal_words"),
        ]
        triggers = [*recorded(), *versioned(), *keeps_versions()]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("pipeline:deal_detail", self.pk)

    @property
    def is_open(self):
        return self.status == Status.OPEN


class DealVersion(models.Model):
    """The state of a deal for a time. A trigger writes it; nobody else does."""

    # No foreign keys in the database: history outlives the rows, and COPY of a million versions stays quick.
    deal = models.ForeignKey(Deal, models.DO_NOTHING, related_name="versions", db_constraint=False)
    stage = models.ForeignKey(Stage, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    owner = models.ForeignKey(User, models.DO_NOTHING, related_name="+", db_constraint=False)
    amount = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    close_date = models.DateField(null=True)
    forecast_category = models.CharField(max_length=10, choices=ForecastCategory.choices)
    during = DateTimeRangeField()
    actor_id = models.BigIntegerField(null=True)
    cause = models.CharField(max_length=200, blank=True)
    undone = models.BooleanField(db_default=False)  # taken back since: with later corrections it never was

    objects = DealPartQuerySet.as_manager()

    class Meta:
        ordering = ["deal", "during"]
        constraints = [
            models.UniqueConstraint(
                fields=["deal"], condition=Q(during__endswith__isnull=True), name="one_open_version_per_deal"
            ),
        ]
        indexes = [
            GistIndex(fields=["during"], name="dealversion_during"),
            GistIndex(IntegerKey("stage"), "during", name="dealversion_in_stage"),  # the few open on a day: see InStages
            models.Index(fields=["stage", "close_date"], name="dealversion_closing"),
            # What changed between two days: the cohorts of stage conversion read nothing else of the past.
            models.Index(RangeStartsWith("during"), name="dealversion_since"),
        ]
        triggers = keeps_entries()

    def __str__(self):
        return f"{self.deal_id} {self.during}"


class DealMember(models.Model):
    """Who works on a deal and with what share. Pay reads this and nothing else."""

    WHOLE = 10_000  # basis points: the revenue shares of a deal add up to this

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.PROTECT, related_name="deal_memberships", verbose_name=_("person"))
    role = models.PositiveSmallIntegerField(_("role"), choices=Role.choices)
    revenue_share = models.PositiveSmallIntegerField(_("revenue share"), default=0)  # basis points
    overlay_share = models.PositiveSmallIntegerField(_("overlay share"), default=0)  # basis points, beside the 100 %
    during = DateRangeField(_("during"))

    objects = DealMemberQuerySet.as_manager()
    NAMED_BY = ("deal", "user")

    class Meta:
        constraints = [
            ExclusionConstraint(name="deal_member_once", expressions=no_overlap("deal_id", "user_id", "role")),
            models.CheckConstraint(condition=Q(revenue_share__lte=10_000), name="revenue_share_at_most_all"),
            has_days("deal_member_has_days"),
        ]
        # All that the gate asks for: answered from the index alone, without a look at the rows.
        indexes = [models.Index(fields=["user"], include=["deal", "during"], name="deals_of_member_for_gate")]
        triggers = recorded()

    def __str__(self):
        return f"{self.deal} · {self.user}"

    @property
    def revenue_percent(self):
        return Decimal(self.revenue_share) / 100

    @property
    def overlay_percent(self):
        return Decimal(self.overlay_share) / 100


class DealActivity(models.Model):
    """Links an activity at an account to the deal it was about."""

    activity = models.OneToOneField(Activity, models.CASCADE, related_name="deal_link")
    deal = models.ForeignKey(Deal, models.CASCADE, related_name="activity_links")

    objects = DealPartQuerySet.as_manager()
    NAMED_BY = ("deal", "activity")

    class Meta:
        triggers = recorded()

    def __str__(self):
        return f"{self.deal} · {self.activity}"
