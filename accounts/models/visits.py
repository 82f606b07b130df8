"""What is brought back from a visit: who was met, where one stood, photos, and a better pin for the account."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.querysets.field import OfActivityQuerySet, PinProposalQuerySet
from salesorg.audit.triggers import recorded
from salesorg.people.models import User

from .accounts import Account, Contact
from .activities import Activity


def degrees(most):
    return models.FloatField(validators=[MinValueValidator(-most), MaxValueValidator(most)])


class Meeting(models.Model):
    """One of the people met on one occasion. `Activity.contact` is the first of them, so that a list can name somebody."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="meetings")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="meetings")

    objects = OfActivityQuerySet.as_manager()
    NAMED_BY = ("contact",)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["activity", "contact"], name="met_once_on_each_occasion")]
        triggers = recorded()

    def __str__(self):
        return str(self.contact)


class CheckIn(models.Model):
    """Where a phone stood when its owner tapped "I am here": evidence, asked for by nobody and blocking nothing."""

    activity = models.OneToOneField(Activity, models.CASCADE, related_name="check_in")
    latitude, longitude = degrees(90), degrees(180)
    accuracy = models.PositiveIntegerField(_("accuracy"))  # metres, as the phone claims
    distance = models.PositiveIntegerField(_("distance to the account"), null=True)  # metres to the pin as it was then
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OfActivityQuerySet.as_manager()
    NAMED_BY = ("activity",)

    class Meta:
        triggers = recorded()

    def __str__(self):
        return str(self.activity)


class Photo(models.Model):
    """A photo taken on a visit; the bytes are kept by salesorg.lib.files."""

    # Made on the phone: the same photo sent five times is stored once.
    client_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="photos")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    file = models.CharField(max_length=80)
    small = models.CharField(max_length=80)
    title = models.CharField(_("name"), max_length=120)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OfActivityQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        triggers = recorded()

    def __str__(self):
        return self.title


class PinProposal(models.Model):
    """ "The account is here": decided by somebody who may change accounts, and kept whatever they decide."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="pin_proposals", verbose_name=_("account"))
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    latitude, longitude = degrees(90), degrees(180)
    accuracy = models.PositiveIntegerField(_("accuracy"), null=True)  # metres; none when typed
    distance = models.PositiveIntegerField(_("distance to the pin"), null=True)  # metres, when it was proposed
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    accepted = models.BooleanField(null=True, editable=False)

    objects = PinProposalQuerySet.as_manager()
    NAMED_BY = ("account",)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at=None, accepted=None) | Q(decided_at__isnull=False, accepted__isnull=False),
                name="pin_proposal_decided_whole",
            ),
            # The same person standing in the same place twice proposes once.
            models.UniqueConstraint(fields=["account", "user"], condition=Q(decided_at=None), name="one_open_pin_each"),
        ]
        indexes = [models.Index(fields=["created_at", "id"], condition=Q(decided_at=None), name="pins_waiting")]
        triggers = recorded()

    def __str__(self):
        return str(self.account)
