"""How customers stand: what is known of each by the last night, by which inputs their health is scored, and past scores."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from pipeline.engine import health
from pipeline.querysets.customers import CustomerQuerySet, InputQuerySet, quiet_since, renewal_day, score_order
from salesorg.audit.triggers import recorded
from salesorg.people.roles import Action


class HealthInput(models.Model):
    """One input of the health score: its weight, and which value earns all of its points and which none."""

    UNDO_NEEDS = Action.SET_UP_SUCCESS

    class Code(models.TextChoices):
        CONTACT = "contact", _("Days since the last contact")
        SILENCE = "silence", _("Days of silence beyond what is usual for them")
        ONBOARDING = "onboarding", _("Onboarding steps done of those due, %")
        TICKETS = "tickets", _("Open tickets")
        SATISFACTION = "satisfaction", _("Last answer when asked how satisfied they are, 0 to 10")
        TREND = "trend", _("Recurring value against a year ago, %")

    code = models.CharField(_("what"), max_length=12, choices=Code.choices, unique=True)
    weight = models.PositiveSmallIntegerField(_("weight"), validators=[MaxValueValidator(100)])
    good = models.SmallIntegerField(_("all points at"))
    bad = models.SmallIntegerField(_("no points at"))
    position = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = InputQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(good=F("bad")),
                name="health_input_tells_apart",
                violation_error_message=_("What earns all points must differ from what earns none."),
            ),
            models.CheckConstraint(condition=Q(weight__lte=100), name="health_weight_at_most_100"),
        ]
        triggers = recorded()

    def __str__(self):
        return self.get_code_display()

    @property
    def rule(self):
        """The input as the score takes it."""
        return health.Input(self.code, self.weight, self.good, self.bad)


class CustomerFacts(models.Model):
    """What is known of a customer, one row each, brought up to date by the night and by every change of a contract.

    Derived: it may be thrown away and made again, and no constraint keeps an account from going.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="customer", db_constraint=False)
    currency = models.CharField(max_length=3, blank=True)
    recurring = models.DecimalField(_("recurring, a year"), max_digits=24, decimal_places=4, default=0)
    recurring_before = models.DecimalField(max_digits=24, decimal_places=4, null=True)  # a year earlier; null: no contract then
    contracts = models.IntegerField(_("contracts in force"), default=0)
    left_out = models.IntegerField(_("contracts in other currencies"), default=0)
    renews_on = models.DateField(_("renews"), null=True)
    last_contact_on = models.DateField(_("last contact"), null=True)
    last_seen_on = models.DateField(_("last contact or order"), null=True)
    usual_gap = models.IntegerField(_("usual gap, days"), null=True)  # null: too little history
    gaps = models.IntegerField(default=0)
    silent_from = models.DateField(_("silent from"), null=True)
    steps_due = models.IntegerField(default=0, db_default=0)  # of onboardings begun within a year, skipped ones left out
    steps_done = models.IntegerField(default=0, db_default=0)  # of those due
    open_tickets = models.IntegerField(_("open tickets"), null=True)  # null: none was taken in within a year
    satisfaction = models.SmallIntegerField(_("last answer, 0 to 10"), null=True)  # within a year
    score = models.SmallIntegerField(_("health"), null=True)
    lines = models.JSONField(default=list)  # [code, value, points, out of] of every input
    computed_on = models.DateField(null=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(renewal_day(), "account", name="customer_by_renewal"),
            models.Index(score_order(), "account", name="customer_by_score"),
            models.Index(quiet_since(), "account", name="customer_by_silence"),
            models.Index(fields=["recurring", "account"], name="customer_by_recurring"),
        ]

    def __str__(self):
        return str(_("What is known of a customer"))

    def is_silent(self, today, last_contact=None):
        """Whether they have been quiet for longer than usual by `today`, a contact on `last_contact` counting."""
        if self.silent_from is None or today < self.silent_from:
            return False
        return last_contact is None or last_contact <= self.last_seen_on


class HealthScore(models.Model):
    """The score of a customer from a day on, until another row. Written by the night when it has changed; never changed."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="health_scores", db_constraint=False)
    from_day = models.DateField(_("from"))
    score = models.SmallIntegerField(_("health"), null=True)
    lines = models.JSONField(default=list)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        ordering = ["account", "-from_day"]
        constraints = [models.UniqueConstraint(fields=["account", "from_day"], name="one_health_score_per_day")]
        indexes = [models.Index(fields=["account", "-from_day"], name="health_of_account_on")]

    def __str__(self):
        return str(_("Health"))
