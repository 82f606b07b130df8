"""Handoffs of deals from one role to the next, and the packages they bring."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pipeline.engine.handoffs import Field
from pipeline.querysets.handoffs import HandoffQuerySet, PackageQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.people.models import Team, User
from salesorg.people.roles import Role

from .deals import Deal
from .stages import Status


class Package(models.Model):
    """What one role asks of another before it takes a deal. Its questions stand in its versions, the newest counts."""

    giver_role = models.PositiveSmallIntegerField(_("from"), choices=Role.choices)
    taker_role = models.PositiveSmallIntegerField(_("to"), choices=Role.choices)

    objects = PackageQuerySet.as_manager()

    class Meta:
        ordering = ["giver_role", "taker_role"]
        constraints = [models.UniqueConstraint(fields=["giver_role", "taker_role"], name="one_package_per_role_pair")]
        triggers = recorded()

    def __str__(self):
        return f"{self.get_giver_role_display()} → {self.get_taker_role_display()}"


def asked_in_words(questions, _row):
    """The questions of a package, as its history tells them."""
    return " · ".join(Field.of(stored).label for stored in questions)


def answers_in_words(answers, row):
    """The answers to a package by the words of its questions, as the history of a handoff tells them."""
    version = PackageVersion.objects.filter(pk=row.get("package_id")).first()
    asked = {each.key: each for each in version.fields} if version else {}
    said = []
    for key, answer in answers.items():
        label = asked[key].label if key in asked else key
        said.append(f"{label}: {_('yes') if answer is True else answer}")
    return " · ".join(said)


class PackageVersion(models.Model):
    """The questions, reasons for return and clocks of a package as they were at a time: an offered package never changes."""

    package = models.ForeignKey(Package, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    framework = models.CharField(_("framework"), max_length=20, blank=True)
    questions = models.JSONField(_("fields"))  # handoffs.Field.stored
    reasons = models.JSONField(_("reasons for return"))
    decide_hours = models.PositiveSmallIntegerField(_("working hours to decide"))
    contact_hours = models.PositiveSmallIntegerField(_("working hours to the first contact"))
    disqualify_days = models.PositiveSmallIntegerField(_("days to disqualify"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PackageQuerySet.as_manager()
    NAMED_BY = ("package",)
    HISTORY_WORDS = {"questions": asked_in_words}

    class Meta:
        ordering = ["package", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["package", "number"], name="one_package_version_per_number"),
            models.CheckConstraint(
                condition=Q(decide_hours__gt=0, contact_hours__gt=0, disqualify_days__gt=0), name="package_clocks_run"
            ),
        ]
        triggers = [*recorded(), pgtrigger.Protect(name="never_changes", operation=pgtrigger.Update)]

    def __str__(self):
        return f"{self.package} · {self.number}"

    @property
    def fields(self):
        return tuple(Field.of(stored) for stored in self.questions)


# On every path, undo among them: what was accepted is taken back by a disqualification alone, and what was decided stays.
ONE_WAY = """
IF NEW.state <> OLD.state AND NOT (
    OLD.state = 'offered' OR (OLD.state, NEW.state) IN (('accepted', 'challenged'), ('challenged', 'accepted'), ('challenged', 'disqualified'))
) THEN
    RAISE EXCEPTION 'Handoff % is %, and cannot become %', OLD.id, OLD.state, NEW.state USING TABLE = 'pipeline_handoff';
END IF;
RETURN NEW;
"""  # noqa: E501


class Handoff(models.Model):
    """A deal offered by one person to another, with its package, its answer and its clocks."""

    class State(models.TextChoices):
        OFFERED = "offered", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        RETURNED = "returned", _("Returned")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        CHALLENGED = "challenged", _("Disqualification asked for")
        DISQUALIFIED = "disqualified", _("Disqualified")

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="handoffs", verbose_name=_("deal"))
    status_then = models.CharField(_("the deal was"), max_length=4, choices=Status.choices)
    giver = models.ForeignKey(User, models.PROTECT, related_name="handoffs_given", verbose_name=_("from"))
    giver_role = models.PositiveSmallIntegerField(_("role of the giver"), choices=Role.choices)
    # Nobody yet: everybody who holds the role, in `team` or below it, may take it.
    taker = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="handoffs_taken", verbose_name=_("to"))
    taker_role = models.PositiveSmallIntegerField(_("role of the receiver"), choices=Role.choices)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="handoffs", verbose_name=_("team"))
    package = models.ForeignKey(PackageVersion, models.PROTECT, related_name="handoffs", verbose_name=_("package"))
    answers = models.JSONField(_("answers"), default=dict)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OFFERED)
    is_silent = models.BooleanField(_("to oneself"), default=False)  # one person in both roles: in no figure

    offered_at = models.DateTimeField(_("offered"), default=timezone.now)
    waiting_since = models.DateTimeField(_("with the receiver since"), default=timezone.now)
    remind_at = models.DateTimeField(null=True)
    decide_by = models.DateTimeField(_("to be decided by"))
    reminded_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(_("escalated"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by"))
    decide_time = models.DurationField(_("working time to decide"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=100, blank=True)  # of a return or withdrawal
    note = models.CharField(_("in words"), max_length=1000, blank=True)

    contact_by = models.DateTimeField(_("first contact by"), null=True, blank=True)
    contact_at = models.DateTimeField(_("first contact"), null=True, blank=True)
    contact_time = models.DurationField(_("working time to the first contact"), null=True, blank=True)
    contact_escalated_at = models.DateTimeField(null=True, blank=True)

    challenged_at = models.DateTimeField(_("disqualification asked"), null=True, blank=True)
    challenge = models.CharField(_("why it does not count"), max_length=1000, blank=True)
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True)
    judged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("judged by"))
    churned_on = models.DateField(_("customer lost"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = HandoffQuerySet.as_manager()
    NAMED_BY = ("deal",)
    HISTORY_WORDS = {"answers": answers_in_words}

    class Meta:
        ordering = ["-offered_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["deal"], condition=Q(state="offered"), name="one_open_handoff_per_deal"),
            models.CheckConstraint(
                condition=Q(state__in=["offered", "withdrawn"], decided_at__isnull=True)
                | Q(state="withdrawn")
                | Q(decided_at__isnull=False, taker__isnull=False),
                name="decided_handoff_says_when_and_by_whom",
            ),
            models.CheckConstraint(condition=~Q(state="returned") | ~Q(reason=""), name="returned_handoff_says_why"),
            models.CheckConstraint(
                condition=~Q(state__in=["challenged", "disqualified"]) | ~Q(challenge=""), name="challenged_handoff_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["taker", "deal"], name="handoff_waiting_for", condition=Q(state="offered")),
            models.Index(fields=["decide_by"], name="handoff_clock", condition=Q(state="offered")),
            models.Index(
                fields=["decided_at"], name="handoff_no_contact_yet", condition=Q(state="accepted", contact_at__isnull=True)
            ),
            models.Index(fields=["-offered_at", "-id"], name="handoff_by_offer"),
            models.Index(fields=["giver", "-offered_at"], name="handoff_given"),
            models.Index(fields=["taker", "-offered_at"], name="handoff_taken"),
        ]
        triggers = [
            *recorded(),
            *versioned(),
            pgtrigger.Trigger(name="one_way", when=pgtrigger.Before, operation=pgtrigger.Update, func=ONE_WAY),
        ]

    def __str__(self):
        return f"{self.deal} → {self.get_taker_role_display()}"

    def get_absolute_url(self):
        return reverse("pipeline:handoff_detail", args=[self.pk])

    @property
    def is_waiting(self):
        return self.state == self.State.OFFERED

    @property
    def is_after_sale(self):
        """Whether a won deal is handed on: the customer changes hands, the deal stays with who closed it."""
        return self.status_then == Status.WON
