"""Who covers which account, for what, in which role, and when."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.querysets.accounts import CoverageLineQuerySet, CoverageQuerySet
from salesorg.audit.triggers import recorded
from salesorg.lib.db import has_days, no_overlap
from salesorg.people.models import User
from salesorg.people.roles import Role

from .accounts import Account


class CoverageLine(models.Model):
    """What someone covers an account for: new business, a product family, customer success."""

    NEW_BUSINESS, CUSTOMER_SUCCESS = "new-business", "customer-success"

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100, unique=True)

    objects = CoverageLineQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        triggers = recorded()

    def __str__(self):
        return self.name


class Coverage(models.Model):
    """Who covers an account, for which line, in which role, and when. The database refuses a second owner."""

    class Source(models.TextChoices):
        TERRITORY = "territory", _("territory")
        HANDOFF = "handoff", _("handoff")
        MANUAL = "manual", _("by hand")

    account = models.ForeignKey(Account, models.CASCADE, related_name="coverage", verbose_name=_("account"))
    line = models.ForeignKey(CoverageLine, models.PROTECT, verbose_name=_("line"))
    role = models.PositiveSmallIntegerField(_("role"), choices=Role.choices)
    user = models.ForeignKey(User, models.PROTECT, related_name="coverage", verbose_name=_("covered by"))
    during = DateRangeField(_("during"))
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    reason = models.CharField(_("why"), max_length=300)
    is_first_contact = models.BooleanField(_("first contact"), default=False)

    objects = CoverageQuerySet.as_manager()
    NAMED_BY = ("account", "user")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_owner_per_line_and_role",
                # Line and role together are one small integer slot: one key less in the index.
                expressions=no_overlap("account_id", F("line_id") * 100 + F("role")),
                violation_error_message=_("Somebody else covers this account in this role at that time."),
            ),
            has_days("coverage_has_days"),
        ]
        # All that the gate asks for: answered from the index alone, without a look at the rows.
        indexes = [models.Index(fields=["user"], include=["account", "during"], name="coverage_for_gate")]
        triggers = recorded()

    def __str__(self):
        return f"{self.account} · {self.user}"
