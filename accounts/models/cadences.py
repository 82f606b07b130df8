"""How often accounts are to be visited and called, and when each was last and is next."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.querysets.cadences import CadencePlanQuerySet, CadenceQuerySet, ContactDueQuerySet
from salesorg.audit.triggers import recorded
from salesorg.lib.db import has_days, no_overlap

from .accounts import Account
from .activities import Activity


class CadenceKind(models.TextChoices):
    """What comes in a rhythm. Only the very kind counts: a demo is no visit."""

    VISIT = "visit", Activity.Kind.VISIT.label
    CALL = "call", Activity.Kind.CALL.label


_KIND = Case(When(kind="visit", then=Value(1)), default=Value(2))
_TIER = Case(When(tier="A", then=Value(10)), When(tier="B", then=Value(20)), When(tier="C", then=Value(30)), default=Value(40))


class Cadence(models.Model):
    """For a tier of customers, or for one account instead of its tier: a visit or call every so many days, for a time."""

    tier = models.CharField(_("tier"), max_length=3, choices=Account.Tier.choices, blank=True)
    account = models.ForeignKey(
        Account, models.CASCADE, null=True, blank=True, related_name="cadences", verbose_name=_("account")
    )
    kind = models.CharField(_("what"), max_length=5, choices=CadenceKind.choices)
    every_days = models.PositiveSmallIntegerField(
        _("every … days"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )  # null: not at all, whatever the tier says
    during = DateRangeField(_("during"))

    objects = CadenceQuerySet.as_manager()
    NAMED_BY = ("account",)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(account=None) & ~Q(tier="") | Q(account__isnull=False, tier=""), name="cadence_of_tier_or_account"
            ),
            models.CheckConstraint(condition=Q(every_days=None) | Q(every_days__gte=1), name="cadence_of_days"),
            ExclusionConstraint(name="one_cadence_per_tier", expressions=no_overlap(_TIER + _KIND), condition=Q(account=None)),
            ExclusionConstraint(
                name="one_cadence_per_account", expressions=no_overlap("account_id", _KIND), condition=Q(account__isnull=False)
            ),
            has_days("cadence_has_days"),
        ]
        triggers = recorded()

    def __str__(self):
        return f"{self.account or self.get_tier_display()} · {self.get_kind_display()}"


class ContactDue(models.Model):
    """When an account was last visited or called, and when it is next due: two rows for each account, always true.

    Triggers on accounts and activities keep `since` and `last_on` on every path (COPY, import, merge, undo); `every_days` is
    written when a cadence changes and each night. Derived, so neither recorded nor part of a merge.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=5, choices=CadenceKind.choices)
    since = models.DateField()  # the account is known from this day; a rhythm begins with it
    last_on = models.DateField(null=True)  # somebody was met or reached; “not there” does not count
    every_days = models.PositiveSmallIntegerField(null=True)
    seen_on = models.GeneratedField(expression=Coalesce("last_on", "since"), output_field=models.DateField(), db_persist=True)
    due_on = models.GeneratedField(
        expression=models.ExpressionWrapper(Coalesce("last_on", "since") + F("every_days"), output_field=models.DateField()),
        output_field=models.DateField(),
        db_persist=True,
    )  # fmt: skip

    objects = ContactDueQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "kind"], name="contact_due_once")]
        indexes = [
            models.Index(fields=["kind", "due_on", "id"], name="contact_due_order", condition=Q(every_days__isnull=False)),
            models.Index(fields=["kind", "seen_on", "id"], name="contact_seen_order"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.due_on}"


class CadencePlan(models.Model):
    """What the nightly run has planned for an account by its cadence: remembered when it is cancelled, so it stays cancelled."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=5, choices=CadenceKind.choices)
    due_on = models.DateField()
    activity = models.ForeignKey(Activity, models.SET_NULL, null=True, related_name="+", db_constraint=False)

    objects = CadencePlanQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "kind", "due_on"], name="cadence_plans_once")]
        indexes = [models.Index(fields=["activity"], name="cadence_plan_of")]

    def __str__(self):
        return f"{self.get_kind_display()} {self.due_on}"
