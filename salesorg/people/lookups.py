"""Finding colleagues while typing in a form."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from .access import requires
from .models import Team, User
from .roles import Action

OFFERED = 10  # as many as fit below a field


@require_safe
@requires(Action.SEE_PEOPLE)
def person_lookup(request):
    """The working colleagues whose name or e-mail holds ?q=, as options of a combobox."""
    people = User.objects.visible_to(request.user).working()
    text = request.GET.get("q", "").replace("\x00", "")[:100].strip()
    if text:
        people = people.filter(name__icontains=text) | people.filter(email__icontains=text)
    options = [
        {"value": person.pk, "label": person.name, "detail": person.email} for person in people.order_by("name", "pk")[:OFFERED]
    ]
    return render(request, "parts/options.html", {"options": options})


@require_safe
@requires(Action.SEE_PEOPLE)
def team_lookup(request):
    """The teams whose name holds ?q=, as options of a combobox."""
    teams = Team.objects.visible_to(request.user).select_related("parent")
    if text := request.GET.get("q", "").replace("\x00", "")[:100].strip():
        teams = teams.filter(name__icontains=text)
    options = [
        {"value": team.pk, "label": team.name, "detail": team.parent.name if team.parent else team.get_kind_display()}
        for team in teams.order_by("name", "pk")[:OFFERED]
    ]
    return render(request, "parts/options.html", {"options": options})
