"""Which teams a person's figures belong to: their own ones and all above, within the team that is looked at."""

from salesorg.people.models import Membership
from salesorg.people.scope import below


class TeamTree:
    """The teams of a selection of deals, below the chosen one when there is one, with their people of the day looked at."""

    def __init__(self, selection):
        self._teams, within = {team.pk: team for team in selection.teams}, selection.get("team")
        shown = below({within.pk}, selection.teams) if within else set(self._teams)
        self._of, members = {}, Membership.objects.visible_to(selection.user).on(selection.day or selection.user.today)
        for person, own in members.values_list("user_id", "team_id"):
            team = self._teams.get(own)
            while team:
                if team.pk in shown:
                    self._of.setdefault(person, set()).add(team.pk)
                team = self._teams.get(team.parent_id)

    def of(self, person):
        """Ids of the teams that the person's figures belong to; {None} for somebody in no team."""
        return self._of.get(person, {None})

    def depth(self, team):
        """How many teams lie above the team with this id."""
        above = self._teams[team].parent_id if team in self._teams else None
        return 1 + self.depth(above) if above in self._teams else 0

    def name(self, team):
        return self._teams[team].name if team in self._teams else None
