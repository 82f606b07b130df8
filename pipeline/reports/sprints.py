"""Reading sprints from the records: what has become of each item, and how much a week holds for somebody."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, F, Func, Value
from django.db.models.functions import Cast

from accounts.models import Activity
from pipeline.engine.sprints import (
    CALL,
    VISIT,
    WEEK,
    Commitment,
    DealNow,
    Deed,
    Fact,
    Outcome,
    Planned,
    outcomes,
    usual,
    working_days,
)
from pipeline.models import SprintItem
from salesorg.people.working import calendars_of

LOOKED_BACK = 8  # whole weeks from which the usual number of visits and calls is told
VISITS = ("visit", "meeting", "needs_analysis", "demo", "proposal_meeting")  # what one goes to the customer for
KINDS = dict.fromkeys(VISITS, VISIT) | {"call": CALL}
ON_CLOSING = {"done": Fact.LOGGED}


def with_outcomes(items):
    """`items` (a queryset) as a list, each with its `outcome`, in two queries: from the records, once closed as recorded."""
    items = list(items.select_related("doer", "activity", "deal__stage", "deal__account", "stage", "account", "sprint"))
    fresh = [each for each in items if not each.sprint.is_closed]
    deeds = deeds_of(fresh)
    weeks = defaultdict(list)
    for each in fresh:
        weeks[each.week].append(commitment_of(each))
    found = {}
    for week, commitments in weeks.items():
        found |= outcomes(commitments, deeds, week)
    for each in items:
        each.outcome = found.get(each.pk) or Outcome(ON_CLOSING.get(each.state, Fact.WAITING), each.done_on)
        each.is_done = each.outcome.is_done if each.is_open else each.state == SprintItem.State.DONE
    return items


def commitment_of(item):
    """The item as the engine knows it."""
    planned, deal = item.activity, item.deal
    return Commitment(
        key=item.pk,
        kind=item.kind,
        doer=item.doer_id,
        since=item.added_at,
        account=item.account_id or (deal.account_id if deal else None),
        planned=planned
        and Planned(
            planned.pk, planned.user_id, planned.due_on, planned.done_at and local_day(planned.done_at, item.doer.time_zone)
        ),
        deal=deal
        and DealNow(deal.owner_id, deal.status, deal.pipeline_id, deal.stage.position, deal.next_step, deal.next_step_on),
        target=item.stage and (item.stage.pipeline_id, item.stage.position),
        step=item.step,
        step_on=item.due_on,
    )


def local_day(moment, zone):
    return moment.astimezone(ZoneInfo(zone)).date()


def today_of(user, now, organisation):
    """The day it is for this person, or for a team (None) by the organisation's clock: weeks begin by it."""
    return local_day(now, user.time_zone) if user else organisation.today(now)


def deeds_of(items):
    """The visits and calls made, in the weeks of `items`, by their doers at the accounts they are about; in one query."""
    accounts = {each.account_id or each.deal.account_id for each in items} - {None}
    if not accounts:
        return []
    zones = {each.doer_id: each.doer.time_zone for each in items}
    weeks = [each.week for each in items]
    # A day more at either end: weeks begin by the clock of whoever made them.
    since, until = (datetime.combine(day, time.min, ZoneInfo("UTC")) for day in (min(weeks), max(weeks) + WEEK))
    made = Activity.objects.done().filter(
        user__in=zones, account__in=accounts, kind__in=KINDS,
        done_at__gte=since - timedelta(days=1), done_at__lt=until + timedelta(days=1),
    )  # fmt: skip
    rows = made.order_by().values_list("pk", "kind", "user_id", "account_id", "done_at")
    return [Deed(pk, KINDS[kind], user, account, at, local_day(at, zones[user])) for pk, kind, user, account, at in rows]


# ── capacity ──


@dataclass(frozen=True)
class Capacity:
    """What a week holds for one person: its working days, days away, and how many visits and calls such a week usually holds."""

    days: list
    away: int  # days of the week that would be worked but for an absence
    holidays: int
    usually: dict  # {kind: number}, None where there is no past to tell

    @property
    def is_known(self):
        return any(number is not None for number in self.usually.values())


def capacities(users, week):
    """{user id: Capacity} of the week from Monday `week`, in five queries whatever the number of people."""
    first = week - LOOKED_BACK * WEEK
    calendars = calendars_of(users, since=first)
    counts = _made_by_week(users, first, week)
    return {user.pk: _capacity(calendars[user.pk], counts[user.pk], user, week) for user in users}


def _capacity(calendar, counts, user, week):
    days = working_days(calendar, week)
    usual_days = [week + timedelta(days=i) for i in range(7) if calendar.week.hours[i]]
    past = [week - back * WEEK for back in range(1, LOOKED_BACK + 1)]
    # Before the first thing that somebody ever logged here, nothing made says nothing.
    began = min(counts, default=None)
    told = [(each, len(working_days(calendar, each))) for each in past if began and each >= began]
    return Capacity(
        days=days,
        away=sum(day in calendar.away and day not in calendar.holidays for day in usual_days),
        holidays=sum(day in calendar.holidays for day in usual_days),
        usually={kind: usual([(counts[each][kind], worked) for each, worked in told], len(days)) for kind in (VISIT, CALL)},
    )


def _made_by_week(users, first, until):
    """{user id: {Monday: Counter of kinds}} of the visits and calls made from `first` to the day before `until`."""
    local = Func(F("user__time_zone"), F("done_at"), function="timezone")
    week = Cast(Func(Value("week"), local, function="date_trunc"), DateField())
    since, end = (datetime.combine(day, time.min, ZoneInfo("UTC")) for day in (first, until))
    made = Activity.objects.done().filter(
        user__in=users, kind__in=KINDS, done_at__gte=since - timedelta(days=1), done_at__lt=end + timedelta(days=1)
    )
    rows = made.order_by().annotate(week=week).values_list("user_id", "week", "kind").annotate(number=Count("pk"))
    found = defaultdict(lambda: defaultdict(Counter))
    for user, week, kind, number in rows:
        if first <= week < until:
            found[user][week][KINDS[kind]] += number
    return found
