"""Customer accounts, their contacts, what was done there, and who covers them for what."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.db import has_days, no_overlap
from salesorg.people.models import User
from salesorg.people.roles import Role

from .querysets import (
    AccountQuerySet,
    ActivityQuerySet,
    ContactQuerySet,
    CoverageLineQuerySet,
    CoverageQuerySet,
    PlainName,
    account_words,
    contact_words,
)


class Account(models.Model):
    """A company that buys, might buy, or used to. It exists once, from the first contact on."""

    class Lifecycle(models.TextChoices):
        PROSPECT = "prospect", _("Prospect")
        CUSTOMER = "customer", _("Customer")
        FORMER = "former", _("Former customer")

    class Tier(models.TextChoices):
        A = "A", "A"
        B = "B", "B"
        C = "C", "C"
        NEW = "new", _("New")

    name = models.CharField(_("name"), max_length=200)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="subsidiaries", verbose_name=_("subsidiary of")
    )
    lifecycle = models.CharField(_("lifecycle"), max_length=10, choices=Lifecycle.choices, default=Lifecycle.PROSPECT)
    tier = models.CharField(_("spend tier"), max_length=3, choices=Tier.choices, default=Tier.NEW)
    is_key_account = models.BooleanField(_("key account"), default=False)
    industry = models.CharField(_("industry"), max_length=100, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    annual_revenue = models.DecimalField(
        _("yearly revenue"), max_digits=20, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    founded = models.PositiveSmallIntegerField(
        _("founded"), null=True, blank=True, validators=[MinValueValidator(1000), MaxValueValidator(2200)]
    )
    domain = models.CharField(_("web domain"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    street = models.CharField(_("street"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=100, blank=True)
    latitude = models.FloatField(null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)])
    longitude = models.FloatField(null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)])
    note = models.TextField(_("note"), blank=True, max_length=10_000)
    external_key = models.CharField(max_length=200, null=True, editable=False, unique=True)  # noqa: DJ001 (null is not unique, "" is)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["name", "id"], name="account_by_name"),
            models.Index(PlainName("name"), name="account_by_plain_name"),
            models.Index(Upper("domain"), name="account_by_domain"),  # upper, because that is how iexact asks
            GinIndex(account_words(), name="account_words"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(parent=F("pk")),
                name="account_not_its_own_parent",
                violation_error_message=_("An account cannot be its own subsidiary."),
            )
        ]
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("accounts:account_detail", args=[self.pk])

    @property
    def address(self):
        """The lines of the postal address, as far as it is known."""
        lines = (self.street, f"{self.postal_code} {self.city}".strip(), self.country)
        return [line for line in lines if line]


class Contact(models.Model):
    """A person at an account."""

    class DecisionRole(models.TextChoices):
        UNKNOWN = "", _("not known yet")
        DECIDER = "decider", _("Decides")
        BUDGET = "budget", _("Holds the budget")
        INFLUENCER = "influencer", _("Influences")
        USER = "user", _("Uses")
        BLOCKER = "blocker", _("Blocks")

    account = models.ForeignKey(Account, models.CASCADE, related_name="contacts", verbose_name=_("account"))
    name = models.CharField(_("name"), max_length=100)
    position = models.CharField(_("position"), max_length=100, blank=True)
    decision_role = models.CharField(_("role in the decision"), max_length=12, choices=DecisionRole.choices, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    do_not_contact = models.BooleanField(_("do not contact"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [GinIndex(contact_words(), name="contact_words")]
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("accounts:contact_edit", args=[self.pk])


class Activity(models.Model):
    """Something planned or done at an account: a visit, a call, a note."""

    class Kind(models.TextChoices):
        VISIT = "visit", _("Visit")
        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")
        EMAIL = "email", _("E-mail")
        DEMO = "demo", _("Demo")
        PROPOSAL_MEETING = "proposal_meeting", _("Proposal meeting")
        NOTE = "note", _("Note")
        TASK = "task", _("Task")

    class Outcome(models.TextChoices):
        NONE = "", "—"
        WELL = "well", _("Went well")
        NEUTRAL = "neutral", _("Neutral")
        BADLY = "badly", _("Badly")
        NOT_THERE = "not_there", _("Not there")

    # Made where it was typed: the same visit sent five times is stored once.
    client_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="activities", verbose_name=_("account"))
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="activities", verbose_name=_("met"))
    user = models.ForeignKey(User, models.PROTECT, related_name="activities", verbose_name=_("by"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=20_000)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)  # planned work has a day
    done_at = models.DateTimeField(_("done"), null=True, blank=True)  # done work has a moment
    follows = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="next_steps", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = ["-done_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__isnull=False) | Q(done_at__isnull=False),
                name="activity_planned_or_done",
                violation_error_message=_("Give a day for what is planned, or say when it was done."),
            )
        ]
        indexes = [
            models.Index(fields=["account", "-done_at"], name="activity_timeline"),
            models.Index(fields=["user", "due_on"], name="activity_to_do", condition=Q(done_at=None)),
            models.Index(fields=["user", "-done_at"], name="activity_done_by", condition=Q(done_at__isnull=False)),
            models.Index(fields=["-done_at", "-id"], name="activity_newest", condition=Q(done_at__isnull=False)),
            models.Index(fields=["due_on", "id"], name="activity_next", condition=Q(done_at=None)),
        ]
        triggers = recorded()

    def __str__(self):
        return f"{self.get_kind_display()} {self.subject}".strip()

    @property
    def is_done(self):
        return self.done_at is not None


class CoverageLine(models.Model):
    """What someone covers an account for: new business, a product family, customer success."""

    NEW_BUSINESS, CUSTOMER_SUCCESS = "new-business", "customer-success"

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100, unique=True)

    objects = CoverageLineQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        triggers = recorded()

    def __str__(self):
        return self.name


class Coverage(models.Model):
    """Who covers an account, for which line, in which role, and when. The database refuses a second owner."""

    class Source(models.TextChoices):
        TERRITORY = "territory", _("territory")
        HANDOFF = "handoff", _("handoff")
        MANUAL = "manual", _("by hand")

    account = models.ForeignKey(Account, models.CASCADE, related_name="coverage", verbose_name=_("account"))
    line = models.ForeignKey(CoverageLine, models.PROTECT, verbose_name=_("line"))
    role = models.PositiveSmallIntegerField(_("role"), choices=Role.choices)
    user = models.ForeignKey(User, models.PROTECT, related_name="coverage", verbose_name=_("covered by"))
    during = DateRangeField(_("during"))
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    reason = models.CharField(_("why"), max_length=300)
    is_first_contact = models.BooleanField(_("first contact"), default=False)

    objects = CoverageQuerySet.as_manager()
    NAMED_BY = ("account", "user")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_owner_per_line_and_role",
                # Line and role together are one small integer slot: one key less in the index.
                expressions=no_overlap("account_id", F("line_id") * 100 + F("role")),
                violation_error_message=_("Somebody else covers this account in this role at that time."),
            ),
            has_days("coverage_has_days"),
        ]
        indexes = [models.Index(fields=["user", "account"], name="coverage_of_user")]
        triggers = recorded()

    def __str__(self):
        return f"{self.account} · {self.user}"
