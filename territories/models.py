"""A plan is a complete answer to who covers what: forces of sellers, their territories, seats, pins and placements."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, CoverageLine
from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.lib.db import has_days, no_overlap
from salesorg.people.models import User
from salesorg.people.roles import Role

from .querysets import PlacementQuerySet, StructureQuerySet


class Plan(models.Model):
    """A territory plan. It is never deleted."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        SUPERSEDED = "superseded", _("Superseded")

    name = models.CharField(_("name"), max_length=100, unique=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    active_from = models.DateField(_("active from"), null=True, blank=True)

    objects = StructureQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["status"], condition=Q(status="active"), name="one_active_plan")]
        triggers = recorded()

    def __str__(self):
        return self.name


class Force(models.Model):
    """A group of sellers with one job and one way of dividing the market."""

    class Division(models.TextChoices):
        GEOGRAPHIC = "geographic", _("by geography")
        PROFILE = "profile", _("by seller profile")
        PRODUCT = "product", _("by product")
        MARKET = "market", _("by market")
        KEY_ACCOUNT = "key_account", _("by key account")
        TIER = "tier", _("by spend tier")

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="forces")
    name = models.CharField(_("name"), max_length=100)
    division = models.CharField(_("divided"), max_length=12, choices=Division.choices)
    line = models.ForeignKey(CoverageLine, models.PROTECT, related_name="forces", verbose_name=_("covers for"))
    roles = ArrayField(models.PositiveSmallIntegerField(choices=Role.choices), verbose_name=_("roles"))

    objects = StructureQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "name"], name="force_name_once_per_plan")]
        triggers = recorded()

    def __str__(self):
        return self.name


class Territory(models.Model):
    """A part of the market within a force; territories form a tree."""

    force = models.ForeignKey(Force, models.PROTECT, related_name="territories")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of"))
    name = models.CharField(_("name"), max_length=100)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = StructureQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "territories"
        constraints = [
            models.UniqueConstraint("force", "parent", "name", name="territory_name_once_per_parent", nulls_distinct=False),
            models.CheckConstraint(condition=~Q(parent=models.F("pk")), name="territory_not_its_own_parent"),
        ]
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("territories:territory_detail", self.pk)


class Belonging(models.Model):
    """What a territory was part of, and when. Written by its first move; until then `Territory.parent` holds for ever."""

    territory = models.ForeignKey(Territory, models.CASCADE, related_name="belongings")
    parent = models.ForeignKey(Territory, models.PROTECT, null=True, related_name="+")
    during = DateRangeField()

    objects = StructureQuerySet.as_manager()
    NAMED_BY = ("territory", "parent")

    class Meta:
        constraints = [
            ExclusionConstraint(name="one_parent_at_a_time", expressions=no_overlap("territory_id")),
            has_days("belonging_has_days"),
        ]
        triggers = recorded()

    def __str__(self):
        return " › ".join(str(each) for each in (self.parent, self.territory) if each)


class Seat(models.Model):
    """A place for one person in a territory; vacant when `user` is empty. One lead seat per territory and role."""

    territory = models.ForeignKey(Territory, models.PROTECT, related_name="seats")
    role = models.PositiveSmallIntegerField(_("role"), choices=Role.choices)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="seats", verbose_name=_("held by"))
    is_lead = models.BooleanField(_("lead"), default=True)
    during = DateRangeField(_("during"))

    objects = StructureQuerySet.as_manager()
    NAMED_BY = ("territory",)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_lead_seat",
                expressions=no_overlap("territory_id", "role"),
                condition=Q(is_lead=True),
                violation_error_message=_("This territory already has a lead in this role at that time."),
            ),
            has_days("seat_has_days"),
        ]
        triggers = recorded()

    def __str__(self):
        return f"{self.territory} · {self.get_role_display()}"


class Pin(models.Model):
    """This account belongs to this territory, whatever the rules say, for a time and a reason."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="pins")
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="pins")
    force = models.ForeignKey(Force, models.PROTECT, related_name="pins")
    reason = models.CharField(_("reason"), max_length=300)
    during = DateRangeField(_("during"))

    objects = PlacementQuerySet.as_manager()
    NAMED_BY = ("account", "territory")

    class Meta:
        constraints = [
            ExclusionConstraint(name="one_pin_per_force", expressions=no_overlap("account_id", "force_id")),
            has_days("pin_has_days"),
        ]
        triggers = recorded()

    def __str__(self):
        return f"{self.account} · {self.territory}"


class Placement(models.Model):
    """Where an account lies in a force, when, and what decided it. At most one per account, force and moment."""

    class DecidedBy(models.TextChoices):
        PIN = "pin", _("pin")
        DEFAULT = "default", _("default territory")

    account = models.ForeignKey(Account, models.CASCADE, related_name="placements")
    force = models.ForeignKey(Force, models.PROTECT, related_name="placements")
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="placements")
    decided_by = models.CharField(max_length=10, choices=DecidedBy.choices)
    reason = models.CharField(max_length=300)
    during = DateRangeField()

    objects = PlacementQuerySet.as_manager()
    NAMED_BY = ("account", "territory")

    class Meta:
        constraints = [
            ExclusionConstraint(name="one_placement_per_force", expressions=no_overlap("account_id", "force_id")),
            has_days("placement_has_days"),
        ]
        indexes = [models.Index(fields=["territory", "account"], name="placement_in_territory")]
        triggers = recorded()

    def __str__(self):
        return f"{self.account} · {self.territory}"
