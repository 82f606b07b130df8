"""Activity figures against targets, and the targets themselves."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from accounts.figures import chart_of_team, figures_of, periods, rows_of
from accounts.forms.targets import TargetForm
from accounts.measures import counted, members_of
from accounts.models import ActivityTarget
from accounts.selections.accounts import choice, one_of
from accounts.services.targets import set_target
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.lib.selection import Selection
from salesorg.people.access import requires
from salesorg.people.models import Team, User
from salesorg.people.roles import HELPERS, SELLERS, Action

SHOWN = 12  # people on a page, each with a chart for every measure


class FigureSelection(Selection):
    """Whose figures, by week or by month."""

    by = choice([("week", ""), ("month", "")])
    team = one_of(Team, "people:team_lookup", label=_lazy("Team"))


@require_safe
@requires(Action.READ_RECORDS)
def activity_figures(request):
    """What people did, week by week or month by month, against their targets: of a team one leads, else one's own."""
    user = request.user
    selection = FigureSelection(request.GET, user=user, by="week")
    by_month = selection.get("by") == "month"
    team = team_of(user, selection.get("team"))
    people = User.objects.visible_to(user).working().filter(pk__in=members_of(team, user.today) if team else [user.pk])
    if team:
        people = people.with_role(SELLERS | HELPERS, user.today)
    page = page_of(people, ("name", "pk"), request.GET.get("after", ""), size=SHOWN)
    ids = sorted(people.values_list("pk", flat=True))
    sums, charts = figures_of(user, ids, [person.pk for person in page.rows], by_month)
    spans = periods(user.today, by_month)
    context = {
        "selection": selection,
        "team": team,
        "team_charts": [
            (chart_of_team(what, numbers, targets, spans, team), why_of(what, sum(numbers), user))
            for what, numbers, targets in sums
        ]
        if team
        else [],
        "people": [(person, charts[person.pk], rows_of(charts[person.pk])) for person in page.rows],
        "page": page,
        "total": len(ids),
        "definitions": [(what.label, what.definition) for what in counted()],
        "views": [
            {"label": label, "url": "?" + selection.query(by=by), "current": selection.get("by") == by}
            for by, label in (("week", _("Weeks")), ("month", _("Months")))
        ],
        "by_month": by_month,
        "may_choose": bool(user.scope.led_teams) or user.scope.sees_all_accounts,
        "others": selection.besides("team"),
        "teams_url": reverse("people:team_lookup"),
        "may_set": user.may(Action.SET_TARGETS),
    }
    return render(request, "accounts/activity_figures.html", context)


def team_of(user, chosen):
    """The team whose people are shown: the chosen one if the user answers for it, else the highest of those; None: oneself."""
    teams = Team.objects.visible_to(user)
    if not user.scope.sees_all_accounts:
        teams = teams.filter(pk__in=user.scope.led_teams)
    if chosen and teams.filter(pk=chosen.pk).exists():
        return chosen
    return teams.exclude(parent__in=teams.values("pk")).order_by("pk").first()


def why_of(what, total, user):
    """What parts/why.html says about a figure of a team."""
    return {"id": f"measure-{what.measure.value}", "formula": what.definition, "as_of": user.today, "rows_in": total}


@FORM_METHODS
@requires(Action.SET_TARGETS)
def target_list(request):
    """Targets in force and to come; set anew from a day."""
    form = TargetForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            target = set_target(actor=request.user, **form.cleaned_data)
            text = _("%(target)s: %(count)d a week") % {"target": target, "count": target.per_week}
            return toast(request, text, undo=undo_url(request), to=reverse("accounts:target_list"))
    targets = ActivityTarget.objects.visible_to(request.user).from_day(request.user.today).select_related("user", "team")
    page = page_of(targets, ("measure", "pk"), request.GET.get("after", ""))
    context = {"form": form, "page": page, "total": targets.count(), "today": request.user.today}
    return render(request, "accounts/target_list.html", context, status=422 if form.is_bound else 200)
