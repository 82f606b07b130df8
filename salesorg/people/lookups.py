"""Finding colleagues and teams while typing in a form."""

from django.db.models import Q
from django.views.decorators.http import require_safe

from salesorg.lib.widgets import offer, typed_words

from .access import requires
from .models import Team, User
from .roles import Action


@require_safe
@requires(Action.SEE_PEOPLE)
def person_lookup(request):
    """The working colleagues whose name or e-mail holds ?q=, as options of a combobox."""
    people = User.objects.visible_to(request.user).working()
    if words := typed_words(request):
        people = people.filter(Q(name__icontains=words) | Q(email__icontains=words))
    return offer(request, people, lambda person: person.email)


@require_safe
@requires(Action.SEE_PEOPLE)
def team_lookup(request):
    """The teams whose name holds ?q=, as options of a combobox."""
    teams = Team.objects.visible_to(request.user).select_related("parent")
    if words := typed_words(request):
        teams = teams.filter(name__icontains=words)
    return offer(request, teams, lambda team: team.parent.name if team.parent else team.get_kind_display())
