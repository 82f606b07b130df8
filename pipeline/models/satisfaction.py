"""What customers say of us: how satisfied they are when asked, and the reviews and referrals they give."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact
from pipeline.querysets.customers import CustomerQuerySet
from salesorg.audit.triggers import recorded
from salesorg.people.models import User

from .contracts import Contract
from .leads import Lead
from .onboarding import Onboarding
from .sources import new_token


class Survey(models.Model):
    """One question to one person: how likely they are to recommend us, 0 to 10, and why."""

    class Occasion(models.TextChoices):
        ONBOARDING = "onboarding", _("After onboarding")
        RENEWAL = "renewal", _("Before renewal")
        ASKED = "asked", _("Asked by hand")

    account = models.ForeignKey(Account, models.PROTECT, related_name="surveys", verbose_name=_("account"))
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="surveys", verbose_name=_("asked"))
    occasion = models.CharField(_("occasion"), max_length=10, choices=Occasion.choices, default=Occasion.ASKED)
    # Once for each: of two workers in the same night one asks.
    onboarding = models.OneToOneField(Onboarding, models.SET_NULL, null=True, blank=True, related_name="survey")
    contract = models.OneToOneField(Contract, models.SET_NULL, null=True, blank=True, related_name="survey")
    token = models.CharField(max_length=22, unique=True, default=new_token, editable=False)
    asked_at = models.DateTimeField(_("asked on"), default=timezone.now)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    score = models.PositiveSmallIntegerField(_("answer, 0 to 10"), null=True, blank=True)
    words = models.TextField(_("in words"), max_length=1_000, blank=True)

    objects = CustomerQuerySet.as_manager()
    NAMED_BY = ("account",)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(score=None) | Q(score__lte=10), name="survey_score_0_to_10"),
            models.CheckConstraint(
                condition=Q(score=None, answered_at=None) | Q(score__isnull=False, answered_at__isnull=False),
                name="answered_survey_has_score",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-answered_at"], name="survey_answers_of_account"),
            models.Index(fields=["-asked_at", "-id"], name="survey_newest"),
        ]
        triggers = recorded(left_out=["token"])  # whoever reads the history must not answer as the customer

    def __str__(self):
        return f"{self.account} · {self.get_occasion_display()}"


class Favour(models.Model):
    """A review or referral that a customer was asked for, and what came of it."""

    class Kind(models.TextChoices):
        REVIEW = "review", _("Review")
        REFERRAL = "referral", _("Referral")

    class State(models.TextChoices):
        ASKED = "asked", _("Asked for")
        GIVEN = "given", _("Given")
        DECLINED = "declined", _("Declined")

    account = models.ForeignKey(Account, models.PROTECT, related_name="favours", verbose_name=_("account"))
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by"))
    kind = models.CharField(_("what"), max_length=8, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ASKED)
    asked_on = models.DateField(_("asked on"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    where = models.CharField(_("where it can be read, or what they said"), max_length=500, blank=True)
    lead = models.ForeignKey(Lead, models.SET_NULL, null=True, blank=True, related_name="referrals", verbose_name=_("lead"))
    client_id = models.UUIDField(null=True, unique=True, editable=False)  # made with the form: sent twice it is stored once

    objects = CustomerQuerySet.as_manager()
    NAMED_BY = ("account",)

    class Meta:
        ordering = ["-asked_on", "-pk"]
        indexes = [models.Index(fields=["account", "-asked_on"], name="favours_of_account")]
        triggers = recorded()

    def __str__(self):
        return f"{self.account} · {self.get_kind_display()}"
