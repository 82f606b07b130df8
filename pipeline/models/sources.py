"""Where prospects come from: sources with their clock and routing, campaigns with their cost, landing pages, partners."""

import secrets

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pipeline.querysets.deals import SourcePartQuerySet, VocabularyQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.validators import check_business_date
from salesorg.people.models import User

LONGEST_CLOCK = 30 * 24 * 60  # minutes of working time: a month of days without a night


def new_token():
    """What nobody guesses and anybody may pass on: 128 bits."""
    return secrets.token_urlsafe(16)


class Source(models.Model):
    """Where leads come from, how soon they are answered, and to whom they go."""

    class Routing(models.TextChoices):
        NONE = "none", _("nobody: they wait to be taken")
        ROUND_ROBIN = "round_robin", _("each in turn")
        LEAST_LOADED = "least_loaded", _("whoever has the fewest open leads")

    name = models.CharField(_("name"), max_length=100, unique=True)
    answer_minutes = models.PositiveIntegerField(
        _("answered within, in minutes of working time"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_CLOCK)],
        help_text=_("The response clock of its leads. Empty: no clock."),
    )  # fmt: skip
    routing = models.CharField(
        _("leads nobody covers go to"), max_length=12, choices=Routing.choices, default=Routing.NONE, db_default=Routing.NONE
    )
    is_partner = models.BooleanField(
        _("a partner who hands leads in"), default=False, db_default=False,
        help_text=_("They get a page of their own to hand leads in, and see what became of those."),
    )  # fmt: skip
    token = models.CharField(max_length=22, null=True, unique=True, editable=False)  # noqa: DJ001 (null is not unique, "" is)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        triggers = recorded(left_out=["token"])  # whoever reads the history must not hand in as the partner

    def __str__(self):
        return self.name


class SourceWorker(models.Model):
    """Somebody who takes leads of a source in turn. A source without any goes to every inbound SDR."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="workers")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    most_open = models.PositiveSmallIntegerField(_("open leads at most"), null=True, blank=True)

    objects = SourcePartQuerySet.as_manager()
    NAMED_BY = ("source", "user")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["source", "user"], name="one_worker_per_source")]
        triggers = recorded()

    def __str__(self):
        return f"{self.source} · {self.user}"


class Campaign(models.Model):
    """Something that was done and paid for to bring leads."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="campaigns", verbose_name=_("source"))
    cost = models.DecimalField(
        _("cost"), max_digits=20, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)],
        help_text=_("In the organisation's currency."),
    )  # fmt: skip
    starts_on = models.DateField(_("from"), null=True, blank=True, validators=[check_business_date])
    ends_on = models.DateField(_("until"), null=True, blank=True, validators=[check_business_date])
    note = models.TextField(_("note"), blank=True, max_length=2_000)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")),
                name="campaign_ends_after_start",
                violation_error_message=_("The last day lies before the first day."),
            ),
            models.CheckConstraint(condition=Q(cost__isnull=True) | Q(cost__gte=0), name="campaign_cost_not_negative"),
        ]
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return self.name


class FitRule(models.Model):
    """Points that a prospect earns or loses for one thing that is known of it."""

    class Field(models.TextChoices):
        INDUSTRY = "industry", _("Industry")
        EMPLOYEES = "employees", _("Employees")
        REVENUE = "revenue", _("Yearly revenue")
        COUNTRY = "country", _("Country")
        CITY = "city", _("City")
        DOMAIN = "domain", _("Web domain")
        SOURCE = "source", _("Source")
        POSITION = "position", _("Position of the contact")

    class Test(models.TextChoices):
        IS = "is", _("is one of")
        AT_LEAST = "at_least", _("is at least")
        AT_MOST = "at_most", _("is at most")
        KNOWN = "known", _("is known")

    field = models.CharField(_("what"), max_length=10, choices=Field.choices)
    test = models.CharField(_("how"), max_length=8, choices=Test.choices)
    value = models.CharField(_("value"), max_length=300, blank=True, help_text=_("Several with commas between."))
    points = models.SmallIntegerField(
        _("points"), validators=[MinValueValidator(-100), MaxValueValidator(100)],
        help_text=_("From -100 to 100; a score lies between 0 and 100."),
    )  # fmt: skip

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["-points", "pk"]
        triggers = recorded()

    def __str__(self):
        return f"{self.get_field_display()} {self.get_test_display()} {self.value}".strip()


class LandingPage(models.Model):
    """A form for the public, at an address that is passed on; it may be shown within pages of our own web site."""

    name = models.CharField(_("name"), max_length=100, unique=True, help_text=_("As leads and figures call it."))
    token = models.CharField(max_length=22, unique=True, default=new_token, editable=False)
    source = models.ForeignKey(Source, models.PROTECT, related_name="pages", verbose_name=_("source"))
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="pages", verbose_name=_("campaign")
    )
    title = models.CharField(_("headline"), max_length=100)
    intro = models.TextField(_("what it says above the form"), blank=True, max_length=1_000)
    consent = models.TextField(
        _("consent, as they agree to it"), blank=True, max_length=1_000,
        help_text=_("For example: You may write to me about your products. I can take this back at any time."),
    )  # fmt: skip
    thanks = models.CharField(_("thanks, when it was sent"), max_length=300, blank=True)
    embed_on = models.CharField(
        _("may be shown within pages of"), max_length=500, blank=True,
        help_text=_("Addresses with spaces between, such as https://www.example.com. Empty: nowhere but at its own address."),
    )  # fmt: skip
    is_open = models.BooleanField(_("takes leads"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return self.name
