"""Companies and the people at them."""

from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.contact_triggers import has_contact_due
from accounts.engine.opening import NotHours, parse
from accounts.querysets.accounts import (
    AccountQuerySet,
    ContactQuerySet,
    PlainName,
    account_words,
    contact_words,
    known_employees,
    known_potential,
    known_revenue,
)
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.lib.validators import check_business_date


def check_hours(text):
    """Opening hours that accounts.engine.opening can read."""
    try:
        parse(text)
    except NotHours as error:
        message = _("“%(part)s” cannot be read. Write it like “Mo-Fr 08:00-12:00,13:00-17:00; Sa 09:00-12:00”.")
        raise ValidationError(message % {"part": error}) from error


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
    potential = models.DecimalField(
        _("potential a year"), max_digits=20, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)],
        help_text=_("What they could buy of what we sell, from anybody, in the organisation's currency."),
    )  # fmt: skip
    potential_how = models.CharField(
        _("how it was estimated"), max_length=200, blank=True, db_default="", default=""
    )  # fmt: skip
    potential_on = models.DateField(
        _("estimated on"), null=True, blank=True, validators=[check_business_date],
        help_text=_("Today when left empty and the potential is new."),
    )  # fmt: skip
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
    opening_hours = models.CharField(
        _("opening hours"), max_length=200, blank=True, db_default="", default="", validators=[check_hours]
    )
    visit_minutes = models.PositiveSmallIntegerField(
        _("minutes of a visit"), null=True, blank=True, validators=[MinValueValidator(5), MaxValueValidator(600)]
    )
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
            models.Index(known_employees(), "id", name="account_by_employees"),
            models.Index(known_revenue(), "id", name="account_by_revenue"),
            models.Index(known_potential(), "id", name="account_by_potential"),
            GinIndex(account_words(), name="account_words"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(parent=F("pk")),
                name="account_not_its_own_parent",
                violation_error_message=_("An account cannot be its own subsidiary."),
            )
        ]
        # The tier has its own dated history (TierPeriod): that the night changed it must not stand in the way of an undo.
        triggers = [*recorded(left_out=["tier"]), *versioned(), *has_contact_due()]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("accounts:account_detail", self.pk)

    @property
    def address(self):
        """The lines of the postal address, as far as it is known."""
        lines = (self.street, f"{self.postal_code} {self.city}".strip(), self.country)
        return [line for line in lines if line]

    @property
    def destination(self):
        """Where a map leads to: the pin, else the address as far as it is known."""
        if self.latitude is not None and self.longitude is not None:
            return f"{self.latitude},{self.longitude}"
        return ", ".join(self.address)


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
    do_not_contact = models.BooleanField(
        _("do not contact"), default=False, help_text=_("Not by any channel: nobody is offered a way to call, mail or visit.")
    )
    left_on = models.DateField(_("left on"), null=True, editable=False)  # no more at `account`, and nobody knows where
    # The latest word of each channel, kept by the trigger of Consent and by nothing else.
    refuses_email = models.BooleanField(_("no e-mail"), default=False, db_default=False, editable=False)
    refuses_phone = models.BooleanField(_("no calls"), default=False, db_default=False, editable=False)
    refuses_post = models.BooleanField(_("no post"), default=False, db_default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["name", "id"], name="contact_by_name"),
            models.Index(fields=["name", "id"], condition=Q(left_on__isnull=False), name="contact_who_left"),
            GinIndex(contact_words(), name="contact_words"),
        ]
        triggers = [*recorded(left_out=["refuses_email", "refuses_phone", "refuses_post"]), *versioned()]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("accounts:contact_detail", self.pk)

    def refusal(self, channel=""):
        """Why nobody may reach this person through `channel` (email, phone, post; "" for any way), or "" when one may."""
        if self.left_on:
            return _now("%(name)s has left.") % {"name": self.name}
        if self.do_not_contact:
            return _now("%(name)s is not to be contacted.") % {"name": self.name}
        if channel and getattr(self, f"refuses_{channel}"):
            sentences = {
                "email": _now("%(name)s does not want e-mail."),
                "phone": _now("%(name)s does not want calls."),
                "post": _now("%(name)s does not want post."),
            }
            return sentences[channel] % {"name": self.name}
        return ""

    @property
    def phone_to_call(self):
        """The number, when this person may be called."""
        return "" if self.refusal("phone") else self.phone

    @property
    def email_to_write_to(self):
        """The address, when this person may be written to."""
        return "" if self.refusal("email") else self.email
