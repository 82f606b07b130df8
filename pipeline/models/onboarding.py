"""How new customers are brought on: playbooks as operations keep them, and what is done of one for a customer."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from pipeline.querysets.customers import InputQuerySet, OnboardingQuerySet, OnboardingStepQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.people.models import User
from salesorg.people.roles import Action, Role

from .deals import Deal


class Playbook(models.Model):
    """The steps by which a kind of customer is brought on. Onboardings that run keep the steps they began with."""

    UNDO_NEEDS = Action.SET_UP_SUCCESS

    name = models.CharField(_("name"), max_length=100, unique=True)
    with_handoff = models.BooleanField(
        _("begins with the handoff"), default=False,
        help_text=_("When a won deal is accepted by customer success, this playbook begins. One playbook does at most."),
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = InputQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["with_handoff"], condition=Q(with_handoff=True), name="one_playbook_with_handoff",
                violation_error_message=_("Another playbook begins with the handoff."),
            )
        ]  # fmt: skip
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return self.name


class PlaybookStep(models.Model):
    """One step: who does it, how many days after the start, and whether it must be done."""

    UNDO_NEEDS = Action.SET_UP_SUCCESS

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="steps")
    name = models.CharField(_("step"), max_length=200)
    role = models.PositiveSmallIntegerField(_("done by"), choices=Role.choices, default=Role.CSM)
    day = models.PositiveSmallIntegerField(_("days after the start"), validators=[MaxValueValidator(730)])
    is_required = models.BooleanField(_("required"), default=True)

    objects = InputQuerySet.as_manager()
    NAMED_BY = ("playbook",)

    class Meta:
        ordering = ["playbook", "day", "pk"]
        triggers = recorded()

    def __str__(self):
        return f"{self.playbook} · {self.name}"


class Onboarding(models.Model):
    """A customer being brought on."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="onboardings", verbose_name=_("account"))
    deal = models.OneToOneField(
        Deal, models.PROTECT, null=True, blank=True, related_name="onboarding", verbose_name=_("deal")
    )  # fmt: skip
    name = models.CharField(_("playbook"), max_length=100)
    owner = models.ForeignKey(User, models.PROTECT, related_name="onboardings", verbose_name=_("led by"))
    started_on = models.DateField(_("started"))
    ended_on = models.DateField(_("finished"), null=True, blank=True)

    objects = OnboardingQuerySet.as_manager()
    NAMED_BY = ("account",)

    class Meta:
        ordering = ["-started_on", "-pk"]
        indexes = [models.Index(fields=["started_on", "id"], name="onboarding_open", condition=Q(ended_on=None))]
        triggers = recorded()

    def __str__(self):
        return f"{self.account} · {self.name}"

    def get_absolute_url(self):
        return address("pipeline:onboarding_detail", self.pk)


class OnboardingStep(models.Model):
    """One step of an onboarding: whose it is, by when, and what became of it."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        SKIPPED = "skipped", _("Skipped")

    onboarding = models.ForeignKey(Onboarding, models.CASCADE, related_name="steps")
    name = models.CharField(_("step"), max_length=200)
    owner = models.ForeignKey(User, models.PROTECT, related_name="onboarding_steps", verbose_name=_("done by"))
    due_on = models.DateField(_("due"))
    is_required = models.BooleanField(_("required"), default=True)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.OPEN)
    closed_on = models.DateField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by"))
    reason = models.CharField(_("why it was skipped"), max_length=300, blank=True)

    objects = OnboardingStepQuerySet.as_manager()
    NAMED_BY = ("onboarding",)

    class Meta:
        ordering = ["onboarding", "due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state="open") | Q(closed_on__isnull=False), name="closed_step_says_when"),
            models.CheckConstraint(condition=~Q(state="skipped") | ~Q(reason=""), name="skipped_step_says_why"),
        ]
        indexes = [models.Index(fields=["owner", "due_on"], name="onboarding_step_due", condition=Q(state="open"))]
        triggers = recorded()

    def __str__(self):
        return f"{self.onboarding} · {self.name}"

    @property
    def is_open(self):
        return self.state == self.State.OPEN
