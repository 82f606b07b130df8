"""Spend tiers: the policy, each account's figures, the tier in effect on each day, and who marked which key account."""

from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.engine.tiering import Policy
from accounts.querysets.accounts import AccountPartQuerySet, PolicyQuerySet
from salesorg.audit.triggers import recorded
from salesorg.lib.db import has_days, no_overlap
from salesorg.people.models import User

from .accounts import Account


class TierPolicy(models.Model):
    """The one row that says where the tiers begin and what customers of each may expect."""

    a_from = models.DecimalField(_("A begins at"), max_digits=20, decimal_places=4, default=Decimal(100_000))
    b_from = models.DecimalField(_("B begins at"), max_digits=20, decimal_places=4, default=Decimal(20_000))
    band = models.PositiveSmallIntegerField(_("band, %"), default=10, validators=[MaxValueValidator(50)])
    new_months = models.PositiveSmallIntegerField(_("new for, months"), default=6, validators=[MaxValueValidator(60)])
    service_a = models.CharField(_("service of A"), max_length=300, blank=True)
    service_b = models.CharField(_("service of B"), max_length=300, blank=True)
    service_c = models.CharField(_("service of C"), max_length=300, blank=True)
    service_new = models.CharField(_("service of new customers"), max_length=300, blank=True)
    applied_on = models.DateField(null=True, editable=False)  # when computed tiers last came into effect for all accounts

    objects = PolicyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_tier_policy"),
            models.CheckConstraint(
                condition=Q(a_from__gt=F("b_from"), b_from__gt=0),
                name="tier_thresholds_descend",
                violation_error_message=_("A must begin above B, and B above nothing."),
            ),
            models.CheckConstraint(condition=Q(band__lte=50), name="tier_band_at_most_half"),
        ]
        triggers = recorded()

    def __str__(self):
        return str(_("Spend tiers"))

    @property
    def rules(self):
        """The policy as the decision takes it."""
        return Policy(self.a_from, self.b_from, self.band, self.new_months)

    @property
    def services(self):
        """{tier: what its customers may expect}"""
        return {"A": self.service_a, "B": self.service_b, "C": self.service_c, "new": self.service_new}


def tier_policy():
    """The policy; with its defaults until somebody changes it."""
    return TierPolicy.objects.filter(pk=1).first() or TierPolicy(pk=1)


class AccountFacts(models.Model):
    """What the apps above know of an account, one row each, brought up to date by the nightly run and read by tiers and rules.

    Derived: it may be thrown away and made again, and no constraint keeps an account from going.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="facts", db_constraint=False)
    currency = models.CharField(max_length=3)
    spend_since = models.DateField()  # the first of the twelve months
    spend_until = models.DateField()  # the day after the last of them
    spend = models.DecimalField(_("spend of twelve months"), max_digits=24, decimal_places=4)
    orders = models.IntegerField(_("orders of twelve months"))
    unconverted = models.IntegerField(_("orders without a rate"))
    first_order_on = models.DateField(_("first order"), null=True)
    last_order_on = models.DateField(_("last order"), null=True)
    open_amount = models.DecimalField(_("open pipeline"), max_digits=24, decimal_places=4)
    open_count = models.IntegerField(_("open deals"))
    open_unconverted = models.IntegerField(_("open deals without a rate"))
    computed_tier = models.CharField(_("tier by spend"), max_length=3, choices=Account.Tier.choices, null=True)  # noqa: DJ001 (not computed yet)
    computed_why = models.JSONField(default=dict)
    computed_on = models.DateField(null=True)  # the night that last changed it

    objects = AccountPartQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-spend", "account"], name="facts_by_spend"),
            models.Index(fields=["computed_tier", "-spend", "account"], name="facts_by_computed_tier"),
        ]

    def __str__(self):
        return str(_("Facts"))


class TierPeriod(models.Model):
    """The tier by spend that is in effect for an account, and when. A key-account mark stands above it on the days it lasts."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="tier_periods", db_constraint=False)
    tier = models.CharField(_("tier"), max_length=3, choices=Account.Tier.choices)
    during = DateRangeField(_("during"))
    why = models.JSONField(default=dict)  # the figures it was decided by, so that any past day can still be explained

    objects = AccountPartQuerySet.as_manager()
    NAMED_BY = ("account",)

    class Meta:
        constraints = [
            ExclusionConstraint(name="one_tier_per_day", expressions=no_overlap("account_id")),
            has_days("tier_period_has_days"),
        ]
        indexes = [models.Index(fields=["account"], name="tier_periods_of_account")]
        triggers = recorded()  # the nightly run writes with history off; what goes with an account comes back with it

    def __str__(self):
        return f"{self.account} · {self.get_tier_display()}"


class KeyAccountMark(models.Model):
    """Somebody's word that an account is served as A for its potential, whatever it spends: who, why, and until when."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="key_marks", verbose_name=_("account"))
    during = DateRangeField(_("during"))
    reason = models.CharField(_("why"), max_length=300)
    marked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("marked by"))
    marked_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AccountPartQuerySet.as_manager()
    NAMED_BY = ("account",)

    class Meta:
        ordering = ["-during"]
        constraints = [
            ExclusionConstraint(
                name="one_key_mark_per_day",
                expressions=no_overlap("account_id"),
                violation_error_message=_("This is a key account on those days already."),
            ),
            has_days("key_mark_has_days"),
        ]
        triggers = recorded()

    def __str__(self):
        return str(self.account)
