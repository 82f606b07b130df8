"""Where prospects come from, and the records of their qualification."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact
from pipeline.querysets import LeadQuerySet, VocabularyQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.people.models import User

from .deals import Deal


class Source(models.Model):
    """Where leads come from."""

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
    deal = models.OneToOneField(Deal, models.SET_NULL, null=True, blank=True, related_name="lead", verbose_name=_("deal"))
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
        ]
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return f"{self.account} · {self.source}"
