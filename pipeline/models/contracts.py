"""What customers have signed: contracts with their term, and what each was worth from which day on."""

from datetime import timedelta
from decimal import Decimal

import pgtrigger
from django.contrib.postgres.fields import DateRangeField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from pipeline.engine import terms
from pipeline.querysets.contracts import ContractPartQuerySet, ContractQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.lib.db import has_days
from salesorg.people.models import User

from .deals import Deal
from .stages import LossReason, Status


class Contract(models.Model):
    """One term of a customer's contract. It is never edited into another: a renewal is a contract of its own that follows."""

    class State(models.TextChoices):
        UPCOMING = "upcoming", _("Begins later")
        RUNNING = "running", _("In force")
        RENEWED = "renewed", _("Renewed")
        CANCELLED = "cancelled", _("Cancelled")
        LOST = "lost", _("Not renewed")
        ENDED = "ended", _("Ended, renewal open")

    account = models.ForeignKey(Account, models.PROTECT, related_name="contracts", verbose_name=_("account"))
    deal = models.OneToOneField(
        Deal, models.PROTECT, null=True, blank=True, related_name="contract", verbose_name=_("made from")
    )  # fmt: skip
    renews = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="renewed_by", verbose_name=_("follows")
    )  # fmt: skip
    # The deal that is to renew it: one at most, so that two workers in the same night open one.
    renewal = models.OneToOneField(
        Deal, models.SET_NULL, null=True, blank=True, related_name="renewal_of", verbose_name=_("renewal")
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=200)
    currency = models.CharField(_("currency"), max_length=3)
    term = DateRangeField(_("term"))  # as it was signed
    during = DateRangeField(_("in force"))  # the term, less what a cancellation or an early renewal took from it
    renews_on = models.GeneratedField(
        expression=Func(F("term"), function="upper", output_field=models.DateField()),
        output_field=models.DateField(), db_persist=True,
    )  # fmt: skip
    notice_days = models.PositiveSmallIntegerField(_("notice period, days"), default=90, validators=[MaxValueValidator(1_000)])
    cancelled_on = models.DateField(_("notice given"), null=True, blank=True)
    churn_reason = models.ForeignKey(
        LossReason, models.PROTECT, null=True, blank=True, related_name="contracts", verbose_name=_("why it was cancelled")
    )  # fmt: skip
    churn_note = models.CharField(_("in words"), max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ["renews_on", "pk"]
        constraints = [
            has_days("contract_has_days"),
            models.CheckConstraint(
                condition=Q(term__isempty=False, term__startswith__isnull=False, term__endswith__isnull=False),
                name="contract_term_begins_and_ends",
            ),
            models.CheckConstraint(condition=Q(during__contained_by=F("term")), name="contract_in_force_within_term"),
            models.CheckConstraint(
                condition=Q(cancelled_on__isnull=True) | Q(churn_reason__isnull=False), name="cancelled_contract_says_why"
            ),
            models.CheckConstraint(condition=~Q(renews=F("pk")), name="contract_does_not_follow_itself"),
        ]
        indexes = [models.Index(fields=["renews_on", "id"], name="contract_by_renewal")]
        triggers = [
            *recorded(),
            *versioned(),
            pgtrigger.ReadOnly(name="stays_as_signed", fields=["term", "currency", "renews"]),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("pipeline:contract_detail", self.pk)

    @property
    def last_day(self):
        """The last day on which it is in force."""
        return self.during.upper - timedelta(days=1)

    @property
    def notice_by(self):
        """The last day on which notice can be given."""
        return terms.notice_by(self.term.upper, self.notice_days)

    @property
    def follower(self):
        """The contract that renews it, or None."""
        return getattr(self, "renewed_by", None)

    def state_on(self, day):
        """What had become of it by `day`; `renewal` and `renewed_by` are read with it (for_people)."""
        state, is_over = self.State, day >= self.during.upper
        if self.follower is not None and (is_over or timezone.localdate(self.follower.created_at) <= day):
            return state.RENEWED
        if self.cancelled_on is not None and (is_over or self.cancelled_on <= day):
            return state.CANCELLED
        if self.renewal is not None and self.renewal.status == Status.LOST and (is_over or self.renewal.close_date <= day):
            return state.LOST
        if day < self.term.lower:
            return state.UPCOMING
        return state.RUNNING if day < self.during.upper else state.ENDED


class ContractValue(models.Model):
    """What a contract is worth from a day on: as it was signed, then one row for each amendment. A row never changes."""

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="values")
    from_day = models.DateField(_("from"))
    total = models.DecimalField(
        _("value of the whole term"), max_digits=20, decimal_places=4, validators=[MinValueValidator(Decimal(0))]
    )
    recurring = models.DecimalField(
        _("recurring, a year"), max_digits=20, decimal_places=4, validators=[MinValueValidator(Decimal(0))]
    )
    reason = models.CharField(_("why"), max_length=300, blank=True)  # "" for what was signed
    deal = models.OneToOneField(
        Deal, models.PROTECT, null=True, blank=True, related_name="amends", verbose_name=_("expansion")
    )  # fmt: skip
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("written"), default=timezone.now)

    objects = ContractPartQuerySet.as_manager()
    NAMED_BY = ("contract",)

    class Meta:
        ordering = ["contract", "from_day", "pk"]
        constraints = [models.CheckConstraint(condition=Q(total__gte=0, recurring__gte=0), name="contract_value_not_negative")]
        indexes = [
            models.Index(fields=["contract", "-from_day", "-id"], include=["total", "recurring"], name="value_of_contract_on")
        ]
        triggers = [*recorded(), pgtrigger.Protect(name="never_changes", operation=pgtrigger.Update)]

    def __str__(self):
        return f"{self.contract} · {self.from_day}"
