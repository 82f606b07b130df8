"""A week's plan of a person or a pod, and what became of each thing in it."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Activity
from pipeline.querysets.sprints import SprintItemQuerySet, SprintQuerySet
from salesorg.audit.triggers import recorded, versioned
from salesorg.people.models import Team, User
from salesorg.people.roles import Action

from .deals import Deal
from .stages import Stage

# What was recorded at the end stays; where a row points to may follow a merge, or a stage that is removed.
CLOSED_STAYS = """
IF (SELECT closed_at FROM pipeline_sprint WHERE id = {row}.sprint_id) IS NOT NULL AND {changed} THEN
    RAISE EXCEPTION 'The week is closed: what became of it stays as it was recorded.';
END IF;
RETURN NEW;
"""
RECORDED = ("sprint_id", "kind", "doer_id", "step", "state", "done_on", "why", "note", "times_carried")
CHANGED = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in RECORDED)


class Sprint(models.Model):
    """The week from Monday `week` of one person, or of a pod together: what they commit, until it is closed."""

    UNDO_NEEDS = Action.LOG_ACTIVITY

    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="sprints", verbose_name=_("person"))
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="sprints", verbose_name=_("team"))
    week = models.DateField(_("week from"))
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("closed by"))
    # How many there were of each when the week was closed; null until then.
    done = models.PositiveSmallIntegerField(_("done"), null=True, editable=False)
    carried = models.PositiveSmallIntegerField(_("carried over"), null=True, editable=False)
    dropped = models.PositiveSmallIntegerField(_("dropped"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SprintQuerySet.as_manager()
    NAMED_BY = ("user", "team")

    class Meta:
        ordering = ["-week", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, team=None) | Q(user=None, team__isnull=False), name="sprint_of_one"
            ),
            models.CheckConstraint(condition=Q(week__iso_week_day=1), name="sprint_begins_on_monday"),
            models.UniqueConstraint(fields=["user", "week"], condition=Q(user__isnull=False), name="one_sprint_per_person"),
            models.UniqueConstraint(fields=["team", "week"], condition=Q(team__isnull=False), name="one_sprint_per_team"),
            models.CheckConstraint(
                condition=Q(closed_at=None)
                | Q(closed_by__isnull=False, done__isnull=False, carried__isnull=False, dropped__isnull=False),
                name="closed_sprint_is_counted",
            ),
        ]
        triggers = [
            *recorded(),
            *versioned(),
            pgtrigger.Protect(
                name="closed_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__closed_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.user or self.team} · {self.week:%Y-%m-%d}"

    def get_absolute_url(self):
        return reverse("pipeline:sprint_detail", args=[self.pk])

    @property
    def is_closed(self):
        return self.closed_at is not None


class SprintItem(models.Model):
    """One thing committed for a week: a planned visit or call, a deal's next step, or a deal's move to a stage.

    It points to the real row, and what became of it is read from there (pipeline.engine.sprints) until the week is closed.
    """

    UNDO_NEEDS = Action.LOG_ACTIVITY

    class Kind(models.TextChoices):
        VISIT = "visit", _("Visit")
        CALL = "call", _("Call")
        STEP = "step", _("Next step")
        MOVE = "move", _("Deal move")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        CARRIED = "carried", _("Carried over")
        DROPPED = "dropped", _("Dropped")

    class Why(models.TextChoices):
        NO_TIME = "no_time", _("No time")
        CUSTOMER = "customer", _("The customer put it off")
        WAITING = "waiting", _("Waiting for somebody")
        FIRST = "first", _("Something else came first")
        AWAY = "away", _("Away")
        NEEDLESS = "needless", _("No longer needed")

    sprint = models.ForeignKey(Sprint, models.CASCADE, related_name="items")
    week = models.DateField(editable=False)  # the sprint's, so that the database keeps things from being committed twice
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    doer = models.ForeignKey(User, models.PROTECT, related_name="sprint_items", verbose_name=_("who does it"))
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+", verbose_name=_("account"))
    deal = models.ForeignKey(Deal, models.CASCADE, null=True, related_name="sprint_items", verbose_name=_("deal"))
    activity = models.ForeignKey(Activity, models.SET_NULL, null=True, related_name="sprint_items", verbose_name=_("planned"))
    stage = models.ForeignKey(Stage, models.SET_NULL, null=True, related_name="+", verbose_name=_("to the stage"))
    step = models.CharField(_("next step"), max_length=200, blank=True)  # as it was when it was committed
    due_on = models.DateField(_("due"), null=True)  # likewise: of the visit, of the next step, the close date
    carried_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="carried_to", verbose_name=_("carried over from")
    )
    times_carried = models.PositiveSmallIntegerField(_("times carried over"), default=0, editable=False)
    added_at = models.DateTimeField(_("committed"), default=timezone.now, editable=False)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.OPEN)
    done_on = models.DateField(_("done on"), null=True, editable=False)
    why = models.CharField(_("why"), max_length=10, choices=Why.choices, blank=True)
    note = models.CharField(_("in words"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SprintItemQuerySet.as_manager()
    NAMED_BY = ("doer",)

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["visit", "call"], account__isnull=False) | Q(kind__in=["step", "move"], deal__isnull=False),
                name="sprint_item_points_somewhere",
            ),
            models.CheckConstraint(condition=~Q(state__in=["carried", "dropped"]) | ~Q(why=""), name="sprint_item_says_why_not"),
            models.UniqueConstraint(
                fields=["activity", "week"],
                condition=Q(activity__isnull=False) & ~Q(state="dropped"),
                name="one_commitment_per_activity",
            ),
            models.UniqueConstraint(
                fields=["deal", "kind", "week"],
                condition=Q(deal__isnull=False) & ~Q(state="dropped"),
                name="one_commitment_per_deal",
            ),
        ]
        indexes = [models.Index(fields=["week", "doer"], name="sprint_items_of_week")]
        triggers = [
            *recorded(),
            *versioned(),
            pgtrigger.Trigger(
                name="closed_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=CLOSED_STAYS.format(row="OLD", changed=f"({CHANGED})"),
            ),
            pgtrigger.Trigger(
                name="closed_is_full",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=CLOSED_STAYS.format(row="NEW", changed="true"),
            ),
        ]

    def __str__(self):
        return f"{self.doer} · {self.get_kind_display()} · {self.week:%Y-%m-%d}"

    @property
    def is_open(self):
        return self.state == self.State.OPEN
