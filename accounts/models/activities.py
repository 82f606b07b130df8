"""What is planned and what was done at accounts."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.contact_triggers import keeps_contact_due
from accounts.querysets.accounts import ActivityQuerySet
from salesorg.audit.triggers import recorded
from salesorg.people.models import User

from .accounts import Account, Contact


class Activity(models.Model):
    """Something planned or done at an account: a visit, a call, a note."""

    class Kind(models.TextChoices):
        VISIT = "visit", _("Visit")
        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")
        EMAIL = "email", _("E-mail")
        NEEDS_ANALYSIS = "needs_analysis", _("Needs analysis")
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
    starts_at = models.DateTimeField(_("begins"), null=True, blank=True)  # null: planned for the day alone
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)  # how long it is planned to take
    remind_at = models.DateTimeField(_("reminder"), null=True, blank=True)
    series = models.UUIDField(null=True, blank=True, editable=False)  # what was planned together, every so many weeks
    contacts = models.ManyToManyField(Contact, through="Meeting", related_name="met_on", blank=True, verbose_name=_("met"))
    needs = models.TextField(_("what they need"), blank=True, max_length=2000, db_default="")
    kilometres = models.DecimalField(_("kilometres driven"), max_digits=6, decimal_places=1, null=True, blank=True)
    phone_said = models.DateTimeField(null=True, blank=True, editable=False)  # where a phone's wrong clock was set right
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
            ),
            models.CheckConstraint(
                condition=Q(remind_at=None) | Q(starts_at__isnull=False, remind_at__lte=F("starts_at")),
                name="activity_reminder_before_start",
                violation_error_message=_("Give a time to be reminded before it."),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-done_at"], name="activity_timeline"),
            models.Index(fields=["user", "due_on"], name="activity_to_do", condition=Q(done_at=None)),
            models.Index(fields=["user", "-done_at"], name="activity_done_by", condition=Q(done_at__isnull=False)),
            models.Index(fields=["-done_at", "-id"], name="activity_newest", condition=Q(done_at__isnull=False)),
            models.Index(fields=["due_on", "id"], name="activity_next", condition=Q(done_at=None)),
            models.Index(fields=["remind_at"], name="activity_reminders", condition=Q(done_at=None, remind_at__isnull=False)),
            models.Index(fields=["series"], name="activity_series", condition=Q(series__isnull=False)),
            models.Index(fields=["user", "created_at"], name="activity_booked", condition=Q(due_on__isnull=False)),
        ]
        triggers = [*recorded(), *keeps_contact_due()]

    def __str__(self):
        return f"{self.get_kind_display()} {self.subject}".strip()

    @property
    def is_done(self):
        return self.done_at is not None
