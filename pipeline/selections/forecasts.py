"""Which forecast a page shows: of whom, for which period, as of which day; read from its address."""

from collections import defaultdict
from datetime import timedelta
from functools import cached_property

from django import forms
from django.db.backends.postgresql.psycopg_any import DateRange

from pipeline.models import Status
from pipeline.reports.team_tree import in_part
from pipeline.selections.deals import ANY, DealSelection, day_filter
from salesorg.lib.periods import month_of, quarter_of
from salesorg.people.models import Membership, Team
from salesorg.people.roles import LEADERS, Action
from salesorg.people.scope import below

PERIODS = {"month": month_of, "quarter": quarter_of}


class Tree:
    """The teams, who is in them on a day and who ever was, in two queries."""

    def __init__(self, user, day):
        self.teams = list(Team.objects.visible_to(user).order_by("name", "pk"))
        self.members, self.ever = defaultdict(set), defaultdict(list)
        for team, member, during in Membership.objects.visible_to(user).values_list("team_id", "user_id", "during"):
            self.ever[team].append((member, during))
            if day in during:
                self.members[team].add(member)

    def below(self, team):
        """The teams right below; below everybody the topmost one's, where there is only one."""
        roots = [each for each in self.teams if each.parent_id is None]
        if team is None and len(roots) > 1:
            return roots
        above = team or (roots[0] if roots else None)
        return [each for each in self.teams if above and each.parent_id == above.pk]

    def people_in(self, team):
        return self.members[team.pk] if team else set()

    def people_below(self, team):
        return set().union(*(self.members[pk] for pk in below({team.pk}, self.teams)))

    def ever_below(self, team):
        """(person id, days) of everybody who was ever in the team or below it."""
        return [each for pk in below({team.pk}, self.teams) for each in self.ever[pk]]

    def came_or_left(self, period):
        """Ids of the people who were in some team for a part of the period only: what they closed belongs to where they were."""
        days = DateRange(period.start, period.last_day, "[]")
        return {person for of_team in self.ever.values() for person, during in of_team if in_part(during, days)}

    def looked_at_by(self, user):
        """The teams whose pipeline the person may look at, the widest first."""
        teams = self.teams if user.scope.sees_all_deals else [team for team in self.teams if team.pk in user.scope.led_teams]
        return sorted(teams, key=lambda team: -len(below({team.pk}, teams)))


class ForecastSelection(DealSelection):
    """A person's own deals, or those of everybody in a team and below; leaders begin with their team, sellers with themselves."""

    period = forms.ChoiceField(required=False, choices=[("month", ""), ("quarter", "")])
    starting = day_filter("")

    def __init__(self, data, *, user):
        super().__init__(data, user=user, status=Status.OPEN, owner=ANY, period="quarter")
        if not user.may(Action.REVIEW_PIPELINE):
            self.defaults["owner"] = "me"
        elif user.scope.roles & LEADERS and self.teams and not self.get("owner").isdecimal():
            self.defaults["team"] = self.teams[0]

    @cached_property
    def teams(self):
        """The teams that can be chosen."""
        return self.tree.looked_at_by(self.user)

    @cached_property
    def tree(self):
        return Tree(self.user, self.day or self.user.today)

    @cached_property
    def members(self):
        return self.tree.ever_below(self.get("team"))

    @property
    def team_ids(self):
        return below({self.get("team").pk}, self.tree.teams)

    @property
    def today(self):
        return self.day or self.user.today

    @cached_property
    def days(self):
        """The period forecast: the one that holds the day asked for, else that of the day looked at."""
        return self.period_of(self.get("starting") or self.today)

    @property
    def period_of(self):
        return PERIODS[self.get("period")]

    @property
    def unit(self):
        """(person, team): whose forecast it is. One of them, or neither for everybody."""
        return (self.person, None) if self.person else (None, self.get("team") or None)

    def besides_period(self, starting):
        """The address of the same forecast for another period."""
        return "?" + self.query(starting=starting.isoformat())

    @property
    def before(self):
        return self.besides_period(self.period_of(self.days.start - timedelta(days=1)).start)

    @property
    def after(self):
        return self.besides_period(self.days.until)
