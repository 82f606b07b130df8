"""Which sprint a page shows, read from its address; and what could be committed for a week."""

from collections import namedtuple
from datetime import date
from functools import cached_property

from django import forms
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Activity
from pipeline.engine.sprints import MOVE, STEP, WEEK, monday_of
from pipeline.models import Deal, Sprint, SprintItem, Stage
from pipeline.querysets.sprints import shares_team
from pipeline.reports.sprints import KINDS, today_of
from pipeline.selections.deals import rotting
from salesorg.lib.selection import Selection
from salesorg.lib.widgets import day_field
from salesorg.people.models import Membership, Team, User
from salesorg.people.roles import LEADERS

SHOW = ("open", "done", "carried", "still")
MOST = {"contacts": 80, "steps": 60, "moves": 40}  # candidates of a kind that a page offers, the most urgent first


class SprintSelection(Selection):
    """The week, and whose: a person's (the reader's own unless said), or a team's."""

    week = day_field(required=False)
    person = forms.ModelChoiceField(User.objects.none(), required=False)
    team = forms.ModelChoiceField(Team.objects.none(), required=False)
    show = forms.ChoiceField(required=False, choices=[(name, "") for name in SHOW])

    @cached_property
    def monday(self):
        return monday_of(self.get("week") or self.today)

    @cached_property
    def today(self):
        """The day it is for whoever's week is shown."""
        return today_of(self.whose[0], timezone.now(), self.user.organisation)

    @property
    def is_running(self):
        return self.monday == monday_of(self.today)

    @cached_property
    def whose(self):
        """(person, team), one of them None. Raises Http404 for somebody whose sprints the reader may not see."""
        scope, team, person = self.user.scope, self.get("team"), self.get("person")
        if self.errors.keys() & {"team", "person"}:
            raise Http404
        if team:
            if not shares_team(self.user, team):
                raise Http404
            return None, team
        person = person or self.user
        seen = scope.sees_all_deals or person.pk in scope.deal_people or self._left(person)
        if not seen:
            raise Http404
        return person, None

    def _left(self, person):
        mine = Membership.objects.visible_to(self.user).filter(user=person, team__in=self.user.scope.led_teams)
        return not person.is_active and mine.exists()

    @property
    def filter(self):
        """What `whose` is called among a sprint's columns."""
        person, team = self.whose
        return {"user": person} if person else {"team": team}

    def sprint(self, week=None):
        """The sprint of the week, None when nothing was committed yet."""
        return Sprint.objects.visible_to(self.user).filter(week=week or self.monday, **self.filter).first()

    def items(self, weeks):
        """What is committed for `weeks`: a person's in the own sprint and in a team's, a team's in its own."""
        person, team = self.whose
        mine = Q(doer=person) if person else Q(sprint__team=team)
        return SprintItem.objects.visible_to(self.user).filter(mine, week__in=weeks)

    def week_url(self, weeks):
        """The address of the same page so many weeks later."""
        return "?" + self.query(week=(self.monday + weeks * WEEK).isoformat(), show=None)


def own_teams(user):
    """The teams with a common sprint that the person takes part in: those they are in, but for who leads more than sells."""
    of = Membership.objects.visible_to(user).on(user.today).filter(user=user).exclude(role__in=LEADERS).select_related("team")
    return sorted({each.team for each in of if each.team.kind == Team.Kind.POD}, key=lambda team: team.name)


Candidate = namedtuple("Candidate", "key kind row why is_late stages usual")


def candidates(viewer, people, week, today):
    """{"contacts": …, "steps": …, "moves": …}: what `people` (ids) could commit for the week from Monday `week`.

    Planned visits and calls, next steps due, and deals expected to move: they close in that week, should have closed
    before, or have been in their stage for too long. For the running week what is overdue is among them. What is
    committed already is left out.
    """
    from_day = week if week > monday_of(today) else date.min
    in_time = {"gte": from_day, "lt": week + WEEK}
    there = list(SprintItem.objects.visible_to(viewer).kept().filter(week=week, doer__in=people))
    contacts = Activity.objects.visible_to(viewer, few=True).planned().filter(user__in=people, kind__in=KINDS)
    contacts = contacts.filter(**{f"due_on__{name}": day for name, day in in_time.items()})
    contacts = contacts.exclude(pk__in=[each.activity_id for each in there if each.activity_id])
    contacts = contacts.select_related("account", "user").order_by("due_on", "starts_at", "pk")[: MOST["contacts"]]
    deals = Deal.objects.visible_to(viewer).open().filter(owner__in=people).select_related("account", "owner", "stage")
    steps = deals.exclude(next_step="").filter(**{f"next_step_on__{name}": day for name, day in in_time.items()})
    steps = steps.exclude(pk__in=[each.deal_id for each in there if each.kind == STEP])
    stages = list(Stage.objects.visible_to(viewer).in_use().select_related("stay"))
    moving = Q(**{f"close_date__{name}": day for name, day in in_time.items()}) | rotting(stages)
    moves = deals.filter(moving).exclude(pk__in=[each.deal_id for each in there if each.kind == MOVE])
    return {
        "contacts": [_contact(each, week) for each in contacts],
        "steps": [
            Candidate(f"s{each.pk}", STEP, each, "", each.next_step_on < week, (), True)
            for each in steps.order_by("next_step_on", "pk")[: MOST["steps"]]
        ],
        "moves": [_move(each, stages, week) for each in moves.order_by("close_date", "pk")[: MOST["moves"]]],
    }


def _contact(each, week):
    kind = KINDS[each.kind]
    return Candidate(f"a{each.pk}", kind, each, "", each.due_on < week, (), True)


def _move(deal, stages, week):
    further = [
        stage
        for stage in stages
        if stage.pipeline_id == deal.pipeline_id and stage.position > deal.stage.position and stage.status != "lost"
    ]
    days = max((timezone.now() - deal.stage_since).days, 0)
    closes = deal.close_date and deal.close_date < week + WEEK
    why = "" if closes else _("%(days)d days in %(stage)s") % {"days": days, "stage": deal.stage}
    return Candidate(f"m{deal.pk}", MOVE, deal, why, bool(closes and deal.close_date < week), tuple(further), False)
