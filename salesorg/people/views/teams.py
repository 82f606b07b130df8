"""The tree of teams, and each one's page."""

from collections import defaultdict

from django.db import transaction
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url

from ..access import requires
from ..forms.teams import TeamForm
from ..models import Membership, Team
from ..roles import LEADERS, Action
from ..services import teams as services


@require_safe
@requires(Action.SEE_PEOPLE)
def teams(request):
    """The whole tree, each team with its leaders and how many are in it today."""
    today = request.user.today
    members = Count("memberships__user", filter=Q(memberships__during__contains=today), distinct=True)
    rows = list(Team.objects.visible_to(request.user).annotate(member_count=members))
    leaders = defaultdict(list)
    led = Membership.objects.visible_to(request.user).on(today).filter(role__in=LEADERS).select_related("user")
    for membership in led.order_by("user__name"):
        leaders[membership.team_id].append(membership.user)
    tree = [{"team": team, "depth": min(depth, 5), "leaders": leaders[team.pk]} for team, depth in in_tree_order(rows)]
    return render(request, "people/teams.html", {"tree": tree, "may_edit": request.user.may(Action.EDIT_PEOPLE)})


def in_tree_order(rows):
    """(team, depth) from the top down, brothers by name; teams caught in a loop of old data come last, so that none is lost."""
    children = defaultdict(list)
    for team in rows:
        children[team.parent_id].append(team)
    seen = set()

    def walk(team, depth):
        if team.pk not in seen:
            seen.add(team.pk)
            yield team, depth
            for child in children[team.pk]:
                yield from walk(child, depth + 1)

    for start in [*children[None], *rows]:
        yield from walk(start, 0)


def visible_team(request, pk):
    return get_object_or_404(Team.objects.visible_to(request.user).select_related("parent"), pk=pk)


@require_safe
@requires(Action.SEE_PEOPLE)
def team(request, pk):
    """One team: its place in the tree, its settings in words, who is in it."""
    found = visible_team(request, pk)
    members = Membership.objects.visible_to(request.user).from_day(request.user.today).filter(team=found)
    context = {
        "team": found,
        "members": members.select_related("user").order_by("role", "user__name"),
        "parts": Team.objects.visible_to(request.user).filter(parent=found),
        "may_edit": request.user.may(Action.EDIT_PEOPLE),
        "may_read": request.user.may(Action.READ_RECORDS),
        "today": request.user.today,
    }
    return render(request, "people/team.html", context)


@FORM_METHODS
@requires(Action.EDIT_PEOPLE)
@transaction.atomic
def team_new(request):
    """Add a team. A pod shares its work unless one says otherwise."""
    shared = Team.Visibility.TEAM
    initial = {"parent": request.GET.get("parent"), "account_visibility": shared, "deal_visibility": shared}
    form = TeamForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            made = services.create_team(actor=request.user, **form.facts())
            return toast(request, _("%(team)s is added.") % {"team": made}, undo=undo_url(request), to=made.get_absolute_url())
    return render(request, "people/team_form.html", {"form": form}, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.EDIT_PEOPLE)
@transaction.atomic
def team_edit(request, pk):
    """Change a team's name, place in the tree and what its members see."""
    found = visible_team(request, pk)
    form = TeamForm(request.POST or None, instance=found, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            services.change_team(team=found, actor=request.user, **form.facts())
            return toast(request, _("Saved."), undo=undo_url(request), to=found.get_absolute_url())
    return render(request, "people/team_form.html", {"form": form, "team": found}, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.EDIT_PEOPLE)
def team_delete(request, pk):
    """Remove a team that was made by mistake."""
    found = visible_team(request, pk)
    services.delete_team(team=found, actor=request.user)
    above = found.parent.get_absolute_url() if found.parent else reverse("people:teams")
    return toast(request, _("%(team)s is removed.") % {"team": found}, undo=undo_url(request), to=above)
