"""Sprints: a week as it goes, planning it, giving something up, closing it; the entry on Today."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pipeline.engine.sprints import WEEK, above
from pipeline.forms.sprints import CloseWeekForm, DropForm, PlanWeekForm
from pipeline.models import Sprint, SprintItem
from pipeline.reports.sprints import capacities, with_outcomes
from pipeline.selections.sprint_rows import by_kind, counts, dressed, shown
from pipeline.selections.sprints import SprintSelection, candidates, own_teams
from pipeline.services.sprints import AHEAD, close_sprint, commit_items, drop_item, may_plan
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.templatetags.salesorg import day as day_words
from salesorg.people.access import requires
from salesorg.people.models import Membership
from salesorg.people.roles import Action


@require_safe
@requires(Action.READ_RECORDS)
def sprint(request):
    """The week of the address, of the reader, of somebody whose work they see, or of a team: what is committed and done."""
    return _page(request, SprintSelection(request.GET, user=request.user))


@require_safe
@requires(Action.READ_RECORDS)
def sprint_detail(request, pk):
    """The same page by the sprint's own address."""
    found = get_object_or_404(Sprint.objects.visible_to(request.user), pk=pk)
    whose = {"team": found.team_id} if found.team_id else {"person": found.user_id}
    data = whose | {"week": found.week.isoformat(), "show": request.GET.get("show", "")}
    return _page(request, SprintSelection(data, user=request.user))


def _page(request, selection):
    person, team = selection.whose
    week, before = selection.monday, selection.monday - WEEK
    items = with_outcomes(selection.items([week, before]))
    this = dressed([each for each in items if each.week == week], request.user)
    last = [each for each in items if each.week == before]
    sprints = {each.week: each for each in _sprints(selection, [week, before])}
    capacity = capacities([person], week)[person.pk] if person else None
    now = sprints.get(week)
    may = may_plan(request.user, user=person, team=team)
    listed = shown(this, selection.get("show"))
    runs = week + WEEK > selection.today  # of a week that is over nobody is warned any more
    context = {
        "selection": selection,
        "person": person,
        "team": team,
        "is_own": person == request.user,
        "week": week,
        "last_day": week + WEEK - timedelta(days=1),
        "sprint": now,
        "groups": groups(listed),
        "counts": counts(this),
        "lines": by_kind(this, last, capacity.usually if capacity else {}),
        "last_counts": counts(last),
        "last": sprints.get(before),
        "capacity": capacity,
        "above": above([each.kind for each in this if each.state != "dropped"], capacity.usually) if capacity and runs else [],
        "chips": [selection.chip(label, "show", show) for show, label in CHIPS] if this else [],
        "back_url": "?" + _query(selection, -1),
        "on_url": "?" + _query(selection, 1),
        "now_url": reverse("pipeline:sprint") + "?" + _query(selection, None),
        "tabs": tabs(selection),
        "plan_url": _plan_url(selection) if may and _may_plan_week(selection, now) else "",
        "may_close": may and now is not None and not now.is_closed and selection.today >= week,
        "may_change": may and not (now and now.is_closed),
        "close_last": sprints.get(before) if may and before in sprints and not sprints[before].is_closed else None,
    }
    return render(request, "pipeline/sprint.html", context)


CHIPS = (("open", _lazy("Open")), ("done", _lazy("Done")), ("carried", _lazy("Carried over")), ("still", _lazy("Stuck")))


def _sprints(selection, weeks):
    return Sprint.objects.visible_to(selection.user).filter(week__in=weeks, **selection.filter).select_related("closed_by")


def groups(items):
    """[(heading, items)] in the order of the page, empty ones left out."""
    still = [each for each in items if each.is_still]
    to_do = [each for each in items if each.is_open and not each.is_done and not each.is_still]
    done = [each for each in items if each.is_done]
    rest = [each for each in items if not each.is_open and not each.is_done]
    named = ((_("Stuck"), still), (_("To do"), to_do), (_("Done"), done), (_("Carried over or dropped"), rest))
    return [(label, rows) for label, rows in named if rows]


def _query(selection, weeks):
    person, team = selection.whose
    own = person == selection.user
    week = None if weeks is None else (selection.monday + weeks * WEEK).isoformat()
    return selection.query(person=None if own or team else person, team=team, week=week, show=None)


def _plan_url(selection):
    return f"{reverse('pipeline:sprint_plan')}?{_query(selection, 0)}"


def _may_plan_week(selection, now):
    ahead = (selection.monday - selection.today).days // 7
    return not (now and now.is_closed) and selection.monday + WEEK > selection.today and ahead < AHEAD


def tabs(selection):
    """The own week and the common ones of the pods one is in, where there are any."""
    person, team = selection.whose
    teams = own_teams(selection.user)
    week = selection.monday.isoformat()
    page = reverse("pipeline:sprint")
    own = {"label": _("My week"), "url": f"{page}?week={week}", "current": person == selection.user}
    return [own, *({"label": each.name, "url": f"{page}?team={each.pk}&week={week}", "current": each == team} for each in teams)]


def _refuse_others(actor, person, team):
    """A week that one sees and does not plan."""
    if not may_plan(actor, user=person, team=team):
        raise PermissionDenied


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def sprint_plan(request):
    """Tick what is committed for the week, from what is really there."""
    selection = SprintSelection(request.GET, user=request.user)
    person, team = selection.whose
    _refuse_others(request.user, person, team)
    week, back = selection.monday, f"{reverse('pipeline:sprint')}?{_query(selection, 0)}"
    form = PlanWeekForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            _sprint, added = commit_items(week=week, picks=form.picks(), actor=request.user, **selection.filter)
            words = {"n": len(added), "day": day_words(week)}
            text = ngettext("%(n)d committed for the week from %(day)s", "%(n)d committed for the week from %(day)s", len(added))
            return toast(request, text % words, undo=undo_url(request) if added else "", to=back)
    people = [person.pk] if person else _members(request.user, team)
    there = with_outcomes(selection.items([week]).kept())
    capacity = capacities([person], week)[person.pk] if person else None
    found = candidates(request.user, people, week, selection.today)
    ticked = set(request.POST.getlist("pick")) if request.method == "POST" else None
    for each in (each for rows in found.values() for each in rows):
        each.row.is_ticked = (
            each.key in ticked if ticked is not None else person and not there and each.usual and not each.is_late
        )
    context = {
        "selection": selection,
        "form": form,
        "person": person,
        "team": team,
        "is_own": person == request.user,
        "week": week,
        "last_day": week + WEEK - timedelta(days=1),
        "back": back,
        "found": found,
        "is_empty": not any(found.values()),
        "committed": len(there),
        "kinds": by_kind(there, [], capacity.usually if capacity else {}),
        "capacity": capacity,
        "weeks": _weeks(selection),
        "plan_visit": f"{reverse('accounts:plan_new')}?due_on={max(week, selection.today).isoformat()}",
    }
    return render(request, "pipeline/sprint_plan.html", context, status=422 if form.is_bound else 200)


def _members(viewer, team):
    return list(Membership.objects.visible_to(viewer).on(viewer.today).filter(team=team).values_list("user", flat=True))


def _weeks(selection):
    """This week and the next, as a switch."""
    this = selection.today - timedelta(days=selection.today.weekday())
    return [
        {"label": label, "url": "?" + selection.query(week=week.isoformat()), "current": week == selection.monday}
        for label, week in ((_("This week"), this), (_("Next week"), this + WEEK))
    ]


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def sprint_item_drop(request, pk):
    """Give one thing up during the week, and say why."""
    rows = SprintItem.objects.visible_to(request.user).select_related("sprint__user", "sprint__team")
    item = get_object_or_404(rows, pk=pk)
    _refuse_others(request.user, item.sprint.user, item.sprint.team)
    form, back = DropForm(request.POST if request.method == "POST" else None), item.sprint.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            drop_item(item=item, actor=request.user, **form.cleaned_data)
            return toast(request, _("Dropped from this week"), undo=undo_url(request), to=back)
    [item] = dressed(with_outcomes(SprintItem.objects.visible_to(request.user).filter(pk=item.pk)), request.user)
    context = {"form": form, "item": item, "back": back}
    return render(request, "pipeline/sprint_drop.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def sprint_close(request, pk):
    """Close the week: what is done is recorded, what is open is carried over or dropped, with why."""
    found = get_object_or_404(Sprint.objects.visible_to(request.user).select_related("user", "team", "closed_by"), pk=pk)
    _refuse_others(request.user, found.user, found.team)
    items = dressed(with_outcomes(SprintItem.objects.visible_to(request.user).filter(sprint=found)), request.user)
    still_open = [each for each in items if each.is_open and not each.is_done]
    form = CloseWeekForm(request.POST if request.method == "POST" else None, items=still_open)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            closed = close_sprint(sprint=found, decisions=form.decisions(), actor=request.user)
            words = {"done": closed.done, "carried": closed.carried, "dropped": closed.dropped}
            text = _("Week closed: %(done)d done, %(carried)d carried over, %(dropped)d dropped")
            return toast(request, text % words, to=closed.get_absolute_url())
    context = {
        "form": form,
        "sprint": found,
        "items": items,
        "counts": counts(items),
        "last_day": found.week + WEEK - timedelta(days=1),
        "back": found.get_absolute_url(),
    }
    return render(request, "pipeline/sprint_close.html", context, status=422 if form.is_bound else 200)


FRIDAY = 4  # from then on the next week is what there is to plan


@require_safe
@requires(Action.LOG_ACTIVITY)
def sprint_today(request):
    """On Today: how far the own week is, or the way to plan it; last week's, when it is not closed yet."""
    selection = SprintSelection({}, user=request.user)
    week = selection.monday
    items = with_outcomes(selection.items([week, week + WEEK]).kept())
    this = [each for each in items if each.week == week]
    open_weeks = Sprint.objects.visible_to(request.user).filter(user=request.user, closed_at=None, week__lt=week)
    to_plan = week if not this and selection.today.weekday() < FRIDAY else None
    if selection.today.weekday() >= FRIDAY and len(this) == len(items):
        to_plan = week + WEEK
    context = {"counts": counts(this), "week": week, "to_plan": to_plan, "to_close": open_weeks.order_by("week").first()}
    return render(request, "pipeline/_sprint_today.html", context)
