"""Which teams a person's figures belong to: their own ones and all above, within the team that is looked at."""

from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from salesorg.people.models import Membership
from salesorg.people.scope import below


def in_part(during, days):
    """Whether the range of days `during` holds some of `days`, which have ends, and not all."""
    begins_late, ends_early = during.lower and during.lower > days.lower, during.upper and during.upper <= days.upper
    touches = (not during.lower or during.lower <= days.upper) and (not during.upper or during.upper > days.lower)
    return bool(touches and (begins_late or ends_early))


class TeamTree:
    """The teams of a selection of deals, below the chosen one when there is one, and who is and was in them."""

    def __init__(self, selection):
        self._teams, within = {team.pk: team for team in selection.teams}, selection.get("team")
        self._shown = below({within.pk}, selection.teams) if within else set(self._teams)
        self._day, self._ever = selection.day or selection.user.today, {}
        members = Membership.objects.visible_to(selection.user)
        for person, own, during in members.values_list("user_id", "team_id", "during"):
            self._ever.setdefault(person, []).append((during, self._from(own)))

    def _from(self, own):
        """Ids of a team and those above it, as far as they are shown."""
        found, team = set(), self._teams.get(own)
        while team:
            found |= {team.pk} & self._shown
            team = self._teams.get(team.parent_id)
        return found

    def of(self, person, day=None):
        """Ids of the teams that the person's figures belong to, those of `day` or of the day looked at; {None} for none."""
        day = day or self._day
        return set().union(*(teams for during, teams in self._ever.get(person, ()) if day in during)) or {None}

    def came_or_left(self, first, last):
        """Ids of the people who were in some team for a part of these days only (None: since or until ever)."""
        days = DateRange(first or date.min, last or date.max, "[]")
        return {person for person, spans in self._ever.items() for during, _teams in spans if in_part(during, days)}

    def depth(self, team):
        """How many teams lie above the team with this id."""
        above = self._teams[team].parent_id if team in self._teams else None
        return 1 + self.depth(above) if above in self._teams else 0

    def name(self, team):
        return self._teams[team].name if team in self._teams else None
