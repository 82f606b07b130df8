"""What happened, who was credited, what was earned, and the statements that show it.

Event, Credit and LedgerEntry are append-only and carry no foreign keys in the database: COPY of a million rows stays
quick, and they outlive what they point at. The nightly checks (commissions.invariants) prove that they agree.
"""

from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from commissions.querysets import CreditQuerySet, EventQuerySet, OwnPayQuerySet, StatementQuerySet
from commissions.triggers import frozen_once
from pipeline.models import Deal
from salesorg.audit.triggers import append_only
from salesorg.lib.addresses import address
from salesorg.lib.money import from_minor
from salesorg.people.models import User
from salesorg.people.roles import Role

from .plans import Measure, Period, PlanVersion


def loose(model, **options):
    """A reference that the database does not check."""
    return models.ForeignKey(model, models.DO_NOTHING, db_constraint=False, **{"related_name": "+"} | options)


class Event(models.Model):
    """A deal was booked, or a booking was taken back. `number` counts the bookings of the deal."""

    class Kind(models.TextChoices):
        BOOKED = "booked", _("Booked")
        UNBOOKED = "unbooked", _("Taken back")

    deal = loose(Deal, db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    number = models.PositiveSmallIntegerField()
    on = models.DateField()  # the close date, which decides the period the pay is earned in
    amount = models.BigIntegerField()  # minor units; negative for what is taken back
    currency = models.CharField(max_length=3)
    reverses = loose("self", null=True, db_index=False)
    recorded_at = models.DateTimeField(db_default=Now())

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            # The business keys: of two workers that find the same change, one records it.
            models.UniqueConstraint(fields=["deal", "number", "kind"], name="event_once"),
            models.UniqueConstraint(fields=["reverses"], name="event_taken_back_once", condition=Q(reverses__isnull=False)),
            models.CheckConstraint(condition=Q(kind="unbooked", reverses__isnull=False) | Q(kind="booked"), name="unbooked_what"),
        ]
        triggers = append_only()

    def __str__(self):
        return f"{self.kind} {self.deal_id} {self.number}"


class Credit(models.Model):
    """A payee's part of an event, in the role and share the deal's members had on the crediting date."""

    event = loose(Event, related_name="credits", db_index=False)
    deal = loose(Deal)
    payee = loose(User, db_index=False)
    role = models.PositiveSmallIntegerField(choices=Role.choices)
    measure = models.PositiveSmallIntegerField(choices=Measure.choices)
    share = models.PositiveSmallIntegerField()  # basis points of the event's amount
    amount = models.BigIntegerField()  # minor units
    currency = models.CharField(max_length=3)
    on = models.DateField()  # the event's
    reverses = loose("self", null=True, db_index=False)

    objects = CreditQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "payee", "role", "measure"], name="credit_once")]
        indexes = [models.Index(fields=["payee", "on"], name="credits_of_payee"), models.Index(fields=["on"], name="credits_on")]
        triggers = append_only()

    def __str__(self):
        return f"{self.payee_id} {self.amount} {self.currency}"


class LedgerEntry(models.Model):
    """`amount` moved from the debit to the credit account of a payee, in minor units; negative takes it back.

    One row is a whole double entry, so that the ledger cannot be out of balance.
    """

    class Account(models.TextChoices):
        EXPENSE = "expense", _("Commission expense")
        EARNED = "earned", _("Earned by the payee")

    debit_account = models.CharField(max_length=10, choices=Account.choices)
    credit_account = models.CharField(max_length=10, choices=Account.choices)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payee = loose(User, db_index=False)
    period_earned = loose(Period, db_index=False)
    period_posted = loose(Period, db_index=False)
    credit = loose(Credit)
    component = models.CharField(max_length=100)  # the key of the plan's component
    plan_version = loose(PlanVersion, null=True, db_index=False)
    corrects = loose("self", null=True, db_index=False)
    key = models.CharField(max_length=200, unique=True)  # the business key: the same earning is posted once
    run_id = models.BigIntegerField(null=True)
    posted_at = models.DateTimeField(db_default=Now())

    objects = OwnPayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="entry_moves_something"),
            models.CheckConstraint(condition=~Q(debit_account=F("credit_account")), name="entry_between_two_accounts"),
        ]
        indexes = [
            models.Index(fields=["payee", "period_earned"], name="entries_by_earned"),
            models.Index(fields=["payee", "period_posted"], name="entries_by_posted"),
        ]
        triggers = append_only()

    def __str__(self):
        return self.key


class Statement(models.Model):
    """What one person is paid for one period in one currency, and why: `snapshot` holds every line with its inputs.

    A draft is computed again while its period is open; it is issued when the period closes and never changes again.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Issued")

    user = models.ForeignKey(User, models.PROTECT, related_name="statements", verbose_name=_("person"))
    period = models.ForeignKey(Period, models.PROTECT, related_name="statements", verbose_name=_("month"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.DRAFT)
    total = models.BigIntegerField(_("total"))  # minor units
    credited = models.BigIntegerField(_("won value"))  # minor units of the revenue measure earned in the period
    quota = models.BigIntegerField(_("quota"), null=True)  # minor units; null: none was set
    snapshot = models.JSONField()
    inputs_hash = models.CharField(max_length=64)
    run_id = models.BigIntegerField(null=True)
    computed_at = models.DateTimeField(db_default=Now())
    issued_at = models.DateTimeField(_("issued"), null=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "period", "currency"], name="one_statement")]
        indexes = [models.Index(fields=["period", "user"], name="statements_of_period")]
        triggers = frozen_once("issued_for_good", pgtrigger.Q(old__state="issued"))

    def __str__(self):
        return f"{self.user_id} {self.period_id} {self.currency}"

    def get_absolute_url(self):
        return address("commissions:statement_detail", self.pk)

    @property
    def total_amount(self):
        """What is paid, in major units; so are the two below."""
        return from_minor(self.total, self.currency)

    @property
    def credited_amount(self):
        return from_minor(self.credited, self.currency)

    @property
    def quota_amount(self):
        return None if self.quota is None else from_minor(self.quota, self.currency)

    @property
    def attainment(self):
        """The part of the quota that is reached; None without a quota."""
        return Decimal(self.credited) / self.quota if self.quota else None

    @property
    def is_issued(self):
        return self.state == self.State.ISSUED
