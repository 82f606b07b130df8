"""Whose pipeline the pages of the review look at: the teams of the reader, and the menu that chooses among them."""

from django.utils.translation import gettext as _

from salesorg.people.models import Team
from salesorg.people.scope import below


def teams_for(user):
    """The teams whose pipeline the person may look at, the widest first."""
    teams = list(Team.objects.visible_to(user).order_by("name", "pk"))
    if not user.scope.sees_all_deals:
        teams = [team for team in teams if team.pk in user.scope.led_teams]
    return sorted(teams, key=lambda team: -len(below({team.pk}, teams)))


def first_team(user, teams):
    """The team that a page begins with: the widest of those one leads; none for who sees everybody."""
    return teams[0] if teams and not user.scope.sees_all_deals else ""


def team_menu(selection, teams):
    """The choice of team, when there is one."""
    chosen = getattr(selection.get("team"), "pk", selection.get("team"))
    items = [(team.name, f"?{selection.query(team=team.pk)}", team.pk == chosen) for team in teams]
    if selection.user.scope.sees_all_deals:
        items.insert(0, (_("Everybody"), f"?{selection.query(team=None)}", not chosen))
    now = next((name for name, _url, on in items if on), "")
    return [{"label": _("Team"), "chosen": now, "items": items}] if len(items) > 1 else []
