"""Tickets of the first line: what customers ask, report or dispute, who answers it, and by when."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact
from pipeline.querysets.customers import TicketPartQuerySet, TicketQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.people.models import User

from .contracts import Contract


class Ticket(models.Model):
    """Something a customer wants answered. Without an owner it waits in the queue of those who see the account."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("Question")
        FAULT = "fault", _("Fault")
        DISPUTE = "dispute", _("Dispute")

    class Priority(models.IntegerChoices):
        URGENT = 1, _("Urgent")
        NORMAL = 2, _("Normal")
        LOW = 3, _("Low")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        WAITING = "waiting", _("Waits for the customer")
        SOLVED = "solved", _("Solved")

    account = models.ForeignKey(Account, models.PROTECT, related_name="tickets", verbose_name=_("account"))
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="tickets", verbose_name=_("asked by")
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.QUESTION)
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="tickets", verbose_name=_("contract in dispute")
    )  # fmt: skip
    invoice = models.CharField(_("invoice in dispute"), max_length=60, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("what they say"), max_length=5_000, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.OPEN)
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="tickets", verbose_name=_("answered by")
    )  # fmt: skip
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("taken in by"))
    answer_by = models.DateTimeField(_("first answer by"))
    answered_at = models.DateTimeField(_("first answer"), null=True, blank=True)
    solved_at = models.DateTimeField(_("solved"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(state="solved") | Q(solved_at__isnull=False), name="solved_ticket_says_when"),
            models.CheckConstraint(
                condition=~Q(kind="dispute") | Q(contract__isnull=False) | ~Q(invoice=""), name="dispute_says_about_what",
                violation_error_message=_("Say which contract or invoice is in dispute."),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["answer_by", "id"], name="ticket_clock", condition=~Q(state="solved")),
            models.Index(fields=["owner", "answer_by"], name="ticket_of_owner", condition=~Q(state="solved")),
            models.Index(F("opened_at").desc(), F("id").desc(), name="ticket_newest"),
        ]
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return self.subject

    def get_absolute_url(self):
        return address("pipeline:ticket_detail", self.pk)

    @property
    def is_open(self):
        return self.state != self.State.SOLVED


class TicketNote(models.Model):
    """What was answered to the customer, or noted among ourselves."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="notes")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField(_("text"), max_length=5_000)
    is_answer = models.BooleanField(_("said to the customer"), default=True)

    objects = TicketPartQuerySet.as_manager()
    NAMED_BY = ("ticket",)

    class Meta:
        ordering = ["ticket", "at", "pk"]
        triggers = recorded()

    def __str__(self):
        return str(self.ticket)
