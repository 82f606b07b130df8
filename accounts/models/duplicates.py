"""Pairs of records that may be one, what people said of them, and where merged records have gone."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.querysets.pairs import AccountPairQuerySet, ContactPairQuerySet, MergedAccountQuerySet, MergedContactQuerySet
from salesorg.audit.triggers import recorded
from salesorg.people.models import User

from .accounts import Account, Contact


class Reason(models.TextChoices):
    """Why two records may be one; the codes of accounts.engine.likeness."""

    SAME_NAME = "same_name", _("same name")
    SAME_WORDS = "same_words", _("same words in the name")
    NAME_SLIP = "name_slip", _("names one letter apart")
    SIMILAR_NAME = "similar_name", _("similar name")
    SAME_DOMAIN = "same_domain", _("same web domain")
    SIMILAR_DOMAIN = "similar_domain", _("web domain with another ending")
    SAME_EMAIL = "same_email", _("same e-mail")
    SAME_PHONE = "same_phone", _("same phone")
    SAME_ADDRESS = "same_address", _("same address")
    SAME_ACCOUNT = "same_account", _("same account")


class Pair(models.Model):
    """Two records that may be one: how likely, and why. Somebody may have said that they are not."""

    score = models.PositiveSmallIntegerField(_("likeness"))
    reasons = ArrayField(models.CharField(max_length=20, choices=Reason.choices), verbose_name=_("why"))
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    dismissed_at = models.DateTimeField(_("called different"), null=True)
    dismissed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("called different by"))
    dismissed_score = models.PositiveSmallIntegerField(_("likeness when called different"), null=True)

    NAMED_BY = ("first", "second")

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="%(class)s_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="%(class)s_in_order"),
            models.CheckConstraint(
                condition=Q(dismissed_at=None, dismissed_score=None)
                | Q(dismissed_at__isnull=False, dismissed_score__isnull=False),
                name="%(class)s_dismissed_whole",
            ),
        ]
        indexes = [models.Index(fields=["-score", "id"], name="%(class)s_likely", condition=Q(dismissed_at=None))]

    def __str__(self):
        return f"{self.first} · {self.second}"

    @property
    def why(self):
        """The reasons in words."""
        return [Reason(code).label for code in self.reasons]


class AccountPair(Pair):
    first = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name=_("account"))
    second = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name=_("other account"))

    objects = AccountPairQuerySet.as_manager()

    class Meta(Pair.Meta):
        triggers = recorded()


class ContactPair(Pair):
    first = models.ForeignKey(Contact, models.CASCADE, related_name="+", verbose_name=_("contact"))
    second = models.ForeignKey(Contact, models.CASCADE, related_name="+", verbose_name=_("other contact"))

    objects = ContactPairQuerySet.as_manager()

    class Meta(Pair.Meta):
        triggers = recorded()


class Merged(models.Model):
    """A record that was merged into another: its old address and its key in other systems lead there."""

    old_id = models.BigIntegerField(_("former number"), unique=True)
    name = models.CharField(_("former name"), max_length=200)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name


class MergedAccount(Merged):
    account = models.ForeignKey(Account, models.CASCADE, related_name="merged", verbose_name=_("account"))
    external_key = models.CharField(max_length=200, null=True, editable=False, unique=True)  # noqa: DJ001 (null is not unique, "" is)

    objects = MergedAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("merged account")
        verbose_name_plural = _("accounts merged into it before")
        triggers = recorded()


class MergedContact(Merged):
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="merged", verbose_name=_("contact"))

    objects = MergedContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("merged contact")
        verbose_name_plural = _("contacts merged into it before")
        triggers = recorded()
