"""The records of qualification on prospects, and each time that somebody asked."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact
from pipeline.querysets.deals import LeadPartQuerySet, LeadQuerySet, VocabularyQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.people.models import User

from .deals import Deal
from .sources import Campaign, LandingPage, Source


class DisqualificationReason(models.Model):
    """Why a lead came to nothing: the organisation's own words."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        triggers = recorded()

    def __str__(self):
        return self.name


class Lead(models.Model):
    """A qualification record on a prospect: where it came from, who works it, what came of it."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("Open")
        QUALIFIED = "qualified", _("Qualified")
        DISQUALIFIED = "disqualified", _("Disqualified")

    account = models.ForeignKey(Account, models.PROTECT, related_name="leads", verbose_name=_("account"))
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("contact"))
    source = models.ForeignKey(Source, models.PROTECT, related_name="leads", verbose_name=_("source"))
    landing_page = models.CharField(_("landing page"), max_length=200, blank=True)
    first_contact_on = models.DateField(_("first contact"))
    sdr = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="leads_found", verbose_name=_("SDR"))
    seller = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="leads_taken", verbose_name=_("handed to")
    )
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices, default=Outcome.OPEN)
    decided_on = models.DateField(_("decided"), null=True, blank=True)
    reason = models.ForeignKey(
        DisqualificationReason, models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("reason")
    )
    reason_note = models.CharField(_("in their words"), max_length=300, blank=True, default="", db_default="")
    deal = models.OneToOneField(Deal, models.SET_NULL, null=True, blank=True, related_name="lead", verbose_name=_("deal"))
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("campaign"), db_index=False
    )
    # The response clock runs in working time; a tick notes when the first contact stopped it.
    respond_by = models.DateTimeField(_("answer due"), null=True, editable=False)
    responded_at = models.DateTimeField(_("first answered"), null=True, editable=False)
    escalated_at = models.DateTimeField(null=True, editable=False)
    # Why this very person works it: the rule that decided, and its words at that time.
    rule = models.CharField(max_length=12, blank=True, default="", db_default="", editable=False)
    rule_words = models.CharField(_("assigned because"), max_length=300, blank=True, default="", db_default="", editable=False)
    segment = models.CharField(_("segment"), max_length=100, blank=True)
    lead_type = models.CharField(_("lead type"), max_length=100, blank=True)
    behaviour_profile = models.CharField(_("behaviour profile"), max_length=100, blank=True)
    external_key = models.CharField(max_length=200, null=True, editable=False, unique=True)  # noqa: DJ001
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = LeadQuerySet.as_manager()
    NAMED_BY = ("account", "source")

    class Meta:
        ordering = ["-first_contact_on", "-pk"]
        indexes = [
            models.Index(fields=["-first_contact_on", "-id"], name="lead_by_first_contact"),
            models.Index(fields=["source", "outcome"], name="lead_by_source"),
            models.Index(fields=["sdr"], include=["account"], name="lead_open_for_gate", condition=models.Q(outcome="open")),
            models.Index(fields=["respond_by", "id"], name="lead_clock", condition=models.Q(outcome="open", responded_at=None)),
            models.Index(fields=["campaign"], name="lead_by_campaign", condition=models.Q(campaign__isnull=False)),
        ]
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return f"{self.account} · {self.source}"

    def get_absolute_url(self):
        return address("pipeline:lead_detail", self.pk)

    @property
    def is_open(self):
        return self.outcome == self.Outcome.OPEN


class Arrival(models.Model):
    """One time that somebody asked, by whatever path: their own words, kept as they came. A lead may have several."""

    class Path(models.TextChoices):
        TYPED = "typed", _("typed in by a colleague")
        FORM = "form", _("web form")
        PARTNER = "partner", _("handed in by a partner")
        EMAIL = "email", _("e-mail")

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="arrivals", verbose_name=_("lead"))
    client_id = models.UUIDField(null=True, unique=True, editable=False)  # made with the form: sent twice it is stored once
    page = models.ForeignKey(LandingPage, models.SET_NULL, null=True, blank=True, related_name="arrivals")
    path = models.CharField(_("how it came"), max_length=8, choices=Path.choices)
    source = models.ForeignKey(Source, models.PROTECT, related_name="arrivals", verbose_name=_("source"))
    landing_page = models.CharField(_("landing page"), max_length=200, blank=True)
    at = models.DateTimeField(_("arrived"), default=timezone.now)
    # As they were typed: what the account and the contact are called may differ, and both may be right.
    company = models.CharField(_("company"), max_length=200, blank=True)
    person = models.CharField(_("person"), max_length=100, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    request = models.TextField(_("what they asked"), max_length=5_000, blank=True)
    consent = models.TextField(_("what they agreed to"), max_length=2_000, blank=True)  # the very wording; "" for nothing
    warning = models.CharField(_("warning"), max_length=300, blank=True)  # what whoever reads it ought to know

    objects = LeadPartQuerySet.as_manager()
    NAMED_BY = ("lead",)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["source", "-at"], name="arrival_of_source")]
        triggers = recorded()

    def __str__(self):
        return f"{self.lead} · {self.get_path_display()}"
