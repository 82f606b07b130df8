"""People who sign in, the tree of teams, and who is what in which team and when."""

import zoneinfo
from datetime import datetime, time
from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from salesorg.audit.triggers import recorded, versioned
from salesorg.lib.addresses import address
from salesorg.lib.db import has_days, no_overlap

from ..querysets import (
    DirectoryQuerySet,
    MembershipQuerySet,
    SavedViewQuerySet,
    SessionQuerySet,
    UserQuerySet,
    ViewUseQuerySet,
)
from ..roles import Role, actions_of
from ..scope import scope_of


def check_time_zone(name):
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone. Choose one such as Europe/Vienna.") % {"name": name})


class Organisation(models.Model):
    """The one row of settings that the whole organisation shares."""

    name = models.CharField(_("name"), max_length=100, default="Salesorg")
    time_zone = models.CharField(_("time zone"), max_length=50, default="UTC", validators=[check_time_zone])
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    nightly_hour = models.PositiveSmallIntegerField(_("hour of the nightly run"), default=2)
    asks_customers = models.BooleanField(_("ask customers how satisfied they are"), default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_organisation"),
            models.CheckConstraint(condition=models.Q(nightly_hour__lte=23), name="nightly_hour_of_a_day"),
        ]
        triggers = recorded()

    def __str__(self):
        return self.name

    def today(self, now=None):
        """The date in the organisation's time zone."""
        return (now or timezone.now()).astimezone(zoneinfo.ZoneInfo(self.time_zone)).date()

    def last_moment_of(self, day):
        """The last microsecond of `day` in the organisation's time zone: a change at midnight belongs to the next day."""
        # fold: where an hour before midnight is lived twice, the second one ends the day
        return datetime.combine(day, time.max.replace(fold=1), zoneinfo.ZoneInfo(self.time_zone))


def organisation():
    """The organisation's settings; made with their defaults by the first to ask."""
    return Organisation.objects.filter(pk=1).first() or Organisation.objects.get_or_create(pk=1)[0]


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def get_by_natural_key(self, email):
        """Sign-in: the same address in any case is the same person."""
        return self.with_email(email).get()


class User(AbstractBaseUser):
    """A colleague who signs in with the e-mail address."""

    last_login = None  # a sign-in is not a change of the person; people.Session knows when and where
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=100)
    time_zone = models.CharField(_("time zone"), max_length=50, default="UTC", validators=[check_time_zone])
    locale = models.CharField(_("language"), max_length=10, default="en")
    started_on = models.DateField(_("first day"), null=True, blank=True)
    ended_on = models.DateField(_("last day"), null=True, blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    external_key = models.CharField(max_length=200, null=True, editable=False, unique=True)  # noqa: DJ001 (null is not unique, "" is)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_person_per_email",
                violation_error_message=_("Somebody already signs in with this e-mail address."),
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on__gte=models.F("started_on")),
                name="person_ends_after_start",
                violation_error_message=_("The last day lies before the first day."),
            ),
        ]
        triggers = [*recorded(left_out=["password"]), *versioned()]  # a password's hash is nobody's business

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("people:person", self.pk)

    @cached_property
    def organisation(self):
        """The organisation's settings; in a request they came with the person."""
        row = getattr(self, "organisation_row", None)
        return Organisation(**row) if row else organisation()

    @cached_property
    def kept_views(self):
        """The views in this person's navigation, and those that pages open with, as dicts; in a request they came along."""
        return getattr(self, "kept_view_rows", None) or []

    @cached_property
    def today(self):
        """Today in the organisation's time zone."""
        return self.organisation.today()

    @cached_property
    def scope(self):
        """What this person may see today; computed once per request."""
        return scope_of(self, self.today)

    @cached_property
    def actions(self):
        return actions_of(self.scope.roles)

    def may(self, action):
        """True when one of today's roles allows `action` (people.roles.Action)."""
        return action in self.actions


class Team(models.Model):
    """A node of the organisation's tree, from the company down to a pod."""

    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        REGION = "region", _("Region")
        DEPARTMENT = "department", _("Department")
        POD = "pod", _("Pod")

    class Visibility(models.TextChoices):
        OWN = "own", _("each member's own")
        TEAM = "team", _("all of the team's")
        ALL = "all", _("everybody's")

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.POD)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of"))
    account_visibility = models.CharField(
        _("members see accounts"), max_length=4, choices=Visibility.choices, default=Visibility.OWN
    )
    deal_visibility = models.CharField(_("members see deals"), max_length=4, choices=Visibility.choices, default=Visibility.OWN)
    external_key = models.CharField(max_length=200, null=True, editable=False, unique=True)  # noqa: DJ001
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "parent",
                "name",
                name="team_name_once_per_parent",
                nulls_distinct=False,
                violation_error_message=_("There is already a team of this name here."),
            ),
            models.CheckConstraint(condition=~models.Q(parent=models.F("pk")), name="team_not_its_own_parent"),
        ]
        triggers = [*recorded(), *versioned()]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("people:team", self.pk)


class Membership(models.Model):
    """A person's role in a team, for a time."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name=_("person"))
    team = models.ForeignKey(Team, models.PROTECT, related_name="memberships", verbose_name=_("team"))
    role = models.PositiveSmallIntegerField(_("role"), choices=Role.choices)
    during = DateRangeField(_("during"))

    objects = MembershipQuerySet.as_manager()
    NAMED_BY = ("user", "team")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="membership_no_overlap",
                expressions=no_overlap("user_id", "team_id", "role"),
                violation_error_message=_("This person already holds this role in this team at that time."),
            ),
            has_days("membership_has_days"),
        ]
        triggers = recorded()

    def __str__(self):
        return f"{self.user} · {self.get_role_display()} · {self.team}"


class Assistance(models.Model):
    """Who assists whom, for a time."""

    assistant = models.ForeignKey(User, models.PROTECT, related_name="assisting", verbose_name=_("assistant"))
    principal = models.ForeignKey(User, models.PROTECT, related_name="assisted_by", verbose_name=_("assists"))
    during = DateRangeField(_("during"))

    objects = MembershipQuerySet.as_manager()
    NAMED_BY = ("assistant", "principal")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="assistance_no_overlap",
                expressions=no_overlap("assistant_id", "principal_id"),
                violation_error_message=_("This person already assists that colleague at that time."),
            ),
            models.CheckConstraint(condition=~models.Q(assistant=models.F("principal")), name="assistance_of_another"),
            has_days("assistance_has_days"),
        ]
        triggers = recorded()

    def __str__(self):
        return f"{self.assistant} → {self.principal}"


class Session(AbstractBaseSession):
    """A signed-in browser, listed so that its person can end it."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    ip_address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=300, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user"], name="session_of_user"),
            models.Index(fields=["expire_date"], name="session_expiry"),
        ]

    def __str__(self):
        return f"{self.user_id} {self.created_at}"

    @property
    def handle(self):
        """What a page calls this session by: whoever has the key itself is signed in."""
        return salted_hmac("salesorg.people.Session", self.session_key).hexdigest()[:20]

    @classmethod
    def get_session_store_class(cls):
        from ..sessions import SessionStore  # noqa: PLC0415 (the store imports this model)

        return SessionStore


class SavedView(models.Model):
    """A list as somebody likes to see it: the address of its page, filters, columns and order in it, kept by a name.

    It opens what the reader sees, and never more: the address says what is asked for, the gate what is answered.
    """

    class Page(models.TextChoices):
        ACCOUNTS = "accounts:account_list", _("Accounts")
        CONTACTS = "accounts:contact_list", _("Contacts")
        ACTIVITIES = "accounts:activity_list", _("Activities")
        DEALS = "pipeline:deal_list", _("Deals")
        LEADS = "pipeline:lead_list", _("Leads")
        BOOK = "pipeline:customer_list", _("Book")
        CONTRACTS = "pipeline:contract_list", _("Contracts")

    class Shared(models.TextChoices):
        OWN = "own", _("only me")
        TEAM = "team", _("a team and those below it")
        ALL = "all", _("everybody")

    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views", verbose_name=_("owner"), editable=False)
    page = models.CharField(_("page"), max_length=30, choices=Page.choices, editable=False)
    query = models.CharField(_("address"), max_length=2000, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=60)
    shared = models.CharField(_("who has it"), max_length=4, choices=Shared.choices, default=Shared.OWN)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="saved_views", verbose_name=_("team"))

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "page", "name"], name="one_view_per_name")]
        triggers = recorded()

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{reverse(self.page)}?{self.query}"


class ViewUse(models.Model):
    """How one person uses a view: in the navigation, or as what its page opens with."""

    user = models.ForeignKey(User, models.CASCADE, related_name="view_uses")
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="uses")
    pinned = models.BooleanField(default=False)
    default = models.BooleanField(default=False)

    objects = ViewUseQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "view"], name="one_use_per_view")]

    def __str__(self):
        return f"{self.user_id} {self.view_id}"
