"""The page for the weekly team call: a line for each person, and what to talk about."""

from datetime import timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pipeline.engine.sprints import WEEK
from pipeline.models import SprintItem
from pipeline.reports.sprints import capacities, with_outcomes
from pipeline.selections.sprint_rows import counts, dressed
from pipeline.selections.sprints import SprintSelection
from pipeline.views.review_tabs import review_tabs
from pipeline.views.team_choice import team_menu, teams_for
from salesorg.people.access import requires
from salesorg.people.models import Membership, User
from salesorg.people.roles import HELPERS, SELLERS, Action
from salesorg.people.scope import below

SHOWN = 30  # people of one call; a larger team is looked at by the teams in it
WORKING = SELLERS | HELPERS  # who has a week of visits and deals to commit


@require_safe
@requires(Action.REVIEW_PIPELINE)
def sprint_call(request):
    """Of each person of the team: what they committed, what is done, what the week holds, what came over and stands still."""
    teams = teams_for(request.user)
    selection = SprintSelection(request.GET, user=request.user, team=teams[0] if teams else "")
    team, week, before = selection.get("team") or None, selection.monday, selection.monday - WEEK
    people = _people(request.user, team, teams, week)
    listed = people[:SHOWN]
    items = SprintItem.objects.visible_to(request.user).filter(week__in=[week, before], doer__in=[each.pk for each in listed])
    items = with_outcomes(items)
    dressed([each for each in items if each.week == week], request.user)
    room = capacities(listed, week)
    closed = {each.sprint.user_id for each in items if each.week == week and each.sprint.is_closed}
    rows = [_row(person, items, week, room[person.pk], person.pk in closed) for person in listed]
    context = {
        "selection": selection,
        "review_tabs": review_tabs(request),
        "menus": team_menu(selection, teams),
        "team": team,
        "week": week,
        "last_day": week + WEEK - timedelta(days=1),
        "rows": rows,
        "left": len(people) - len(listed),
        "without": [row["person"] for row in rows if not row["now"]["committed"] and row["capacity"].days],
        "sums": [sum(row["now"][name] for row in rows) for name in ("committed", "done", "carried", "still")],
        "last_sums": [sum(row["last"][name] for row in rows) for name in ("committed", "done")],
        "back_url": selection.week_url(-1),
        "on_url": selection.week_url(1),
        "now_url": "?" + selection.query(week=None),
        "is_running": selection.is_running,
    }
    return render(request, "pipeline/sprint_call.html", context)


def _people(viewer, team, teams, week):
    """Who sells or helps in the team or below it in that week, those who left during it among them, by name."""
    inside = below([team.pk], teams) if team else {each.pk for each in teams}
    there = Membership.objects.visible_to(viewer).filter(during__overlap=DateRange(week, week + WEEK), role__in=WORKING)
    if not viewer.scope.sees_all_deals or team:
        there = there.filter(team__in=inside)
    return list(User.objects.visible_to(viewer).filter(pk__in=there.values("user")).order_by("name", "pk"))


def _row(person, items, week, capacity, is_closed):
    this = [each for each in items if each.doer_id == person.pk and each.week == week]
    last = [each for each in items if each.doer_id == person.pk and each.week != week]
    page = reverse("pipeline:sprint")
    url = f"{page}?person={person.pk}&week={week.isoformat()}"
    left = [each for each in this if each.is_open and not each.is_done]
    left.sort(key=lambda each: (not each.is_still, -each.times_carried, each.due_on or week))
    talk = [each for each in left if each.is_still or each.is_carried or each.is_late]
    return {
        "person": person,
        "now": counts(this),
        "last": counts(last),
        "capacity": capacity,
        "is_closed": is_closed,
        "url": url,
        "last_url": f"{page}?person={person.pk}&week={(week - WEEK).isoformat()}",
        "talk": talk,
        "open": [each for each in left if each not in talk],
        "usual": usual_words(capacity),
    }


def usual_words(capacity):
    """How many visits and calls the week usually holds, in words; nothing where there is no past to tell."""
    visits, calls = capacity.usually["visit"], capacity.usually["call"]
    found = []
    if visits is not None:
        found.append(ngettext("%(n)d visit", "%(n)d visits", visits) % {"n": visits})
    if calls is not None:
        found.append(ngettext("%(n)d call", "%(n)d calls", calls) % {"n": calls})
    return found
