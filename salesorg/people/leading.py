"""Who leads somebody: the managers and directors of the nearest team that has one."""

from collections import defaultdict

from .models import Membership, Team, User
from .roles import LEADERS


def leaders_of(users, day):
    """{id: [leaders]} of people (ids): those of their team, or of the nearest above it that has any but themselves."""
    users = set(users)
    if not users:
        return {}
    leading, teams_of = defaultdict(set), defaultdict(set)
    for user, team, role in Membership.objects.on(day).values_list("user", "team", "role"):
        if role in LEADERS:
            leading[team].add(user)
        if user in users:
            teams_of[user].add(team)
    parents = dict(Team.objects.values_list("pk", "parent_id"))
    found = {user: set().union(*(_nearest(user, team, leading, parents) for team in teams_of[user])) for user in users}
    people = User.objects.working().in_bulk(set().union(*found.values()))
    return {user: sorted((people[pk] for pk in ids if pk in people), key=lambda each: each.name) for user, ids in found.items()}


def leads(leader, user, day):
    """Whether `leader` answers for `user` today: as the leader of a team that they are in, or of one above it."""
    if leader.pk == user.pk:
        return False
    return Membership.objects.on(day).filter(user=user, team__in=leader.scope.led_teams).exists()


def _nearest(user, team, leading, parents):
    seen = set()
    while team is not None and team not in seen:
        if others := leading[team] - {user}:
            return others
        seen.add(team)
        team = parents.get(team)
    return set()
