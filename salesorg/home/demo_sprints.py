"""The demo's weeks: last week closed with something carried over, this one running, and the pod's common week."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.models import Account, Activity
from accounts.services import complete_activity, plan_activity
from pipeline.engine.sprints import WEEK, monday_of
from pipeline.models import Deal, SprintItem, Stage
from pipeline.reports.sprints import KINDS, with_outcomes
from pipeline.services.sprints import Decision, Pick, close_sprint, commit_items
from salesorg.lib.acting import acting
from salesorg.people.models import Team

LAST = ("visit", "call", "visit", "call", "visit", "visit")  # planned for the days of last week; the last two were not done
STEPS, MOVES = 4, 2  # of each person's deals, this week; the moves stand in the pod's week
SKIPPED = 6  # accounts whose visits of today the demo has planned already


def fill_sprints(people, now):
    """The weeks of two account executives of `people` {key: User}, and of their pod."""
    pod = Team.objects.filter(memberships__user=people["rita"]).first()
    picks = []
    for key in ("rita", "sam"):
        person = people[key]
        monday = monday_of(now.astimezone(ZoneInfo(person.time_zone)).date())
        with acting(person, "demo"):
            last_week(person, monday - WEEK)
            made = begun(person, monday)
            commit_items(week=monday, picks=due(person, monday), actor=person, user=person, now=_at(person, monday, 8, now))
            for each in made if now > _at(person, monday, 12) else ():
                complete_activity(activity=each, outcome="well", done_at=_at(person, monday, 11), actor=person)
        picks += moves(person)
    with acting(people["rita"], "demo"):
        commit_items(week=monday, picks=picks, actor=people["rita"], team=pod, now=_at(people["rita"], monday, 10, now))


def last_week(person, monday):
    """Six visits and calls: four were made, one is carried over, one was given up."""
    seen = Activity.objects.done().filter(done_at__gte=_at(person, monday, 0)).values("account")
    accounts = Account.objects.covered_by(person, monday).exclude(pk__in=seen).order_by("pk")[SKIPPED:]
    planned = [
        plan_activity(account=account, kind=kind, due_on=monday + timedelta(days=min(day, 4)), actor=person)
        for day, (account, kind) in enumerate(zip(accounts, LAST, strict=False))
    ]
    picks = [Pick(KINDS[each.kind], activity=each.pk) for each in planned]
    sprint, _items = commit_items(week=monday, picks=picks, actor=person, user=person, now=_at(person, monday, 8))
    for each in planned[:-2]:
        complete_activity(activity=each, outcome="well", done_at=_at(person, each.due_on, 11), actor=person)
    left = [each for each in with_outcomes(sprint.items.all()) if not each.is_done]
    why = [
        Decision(carry=True, why=SprintItem.Why.CUSTOMER, note=_("They are at the fair all week")),
        Decision(carry=False, why=SprintItem.Why.NEEDLESS, note=_("Settled on the phone")),
    ]
    decisions = {each.pk: why[number % 2] for number, each in enumerate(left)}
    close_sprint(sprint=sprint, decisions=decisions, actor=person, now=_at(person, monday + timedelta(days=4), 16))


def begun(person, monday):
    """A visit and a call planned for Monday of this week."""
    accounts = Account.objects.covered_by(person, monday).order_by("-pk")
    return [
        plan_activity(account=account, kind=kind, due_on=monday, actor=person)
        for account, kind in zip(accounts, ("visit", "call"), strict=False)
    ]


def due(person, monday):
    """What stands in the calendar of this week, and the next steps due in it."""
    planned = Activity.objects.planned().filter(user=person, kind__in=KINDS, due_on__gte=monday, due_on__lt=monday + WEEK)
    steps = Deal.objects.open().filter(owner=person, next_step_on__lt=monday + WEEK).exclude(next_step="")
    return [
        *(Pick(KINDS[each.kind], activity=each.pk) for each in planned),
        *(Pick("step", deal=each.pk) for each in steps.order_by("-next_step_on", "pk")[:STEPS]),
    ]


def moves(person):
    """The largest open deals of a person, each to go one stage further."""
    found = []
    for deal in Deal.objects.open().filter(owner=person).select_related("stage").order_by("-amount", "pk")[:MOVES]:
        further = Stage.objects.in_use().filter(pipeline=deal.pipeline_id, position__gt=deal.stage.position)
        found.append(Pick("move", deal=deal.pk, stage=further.exclude(status="lost").order_by("position").first().pk))
    return found


def _at(person, day, hour, latest=None):
    moment = datetime.combine(day, time(hour), ZoneInfo(person.time_zone))
    return min(moment, latest) if latest else moment
