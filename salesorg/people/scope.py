"""What one person may see, and why: the union of grants, each with its reason in words."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from .roles import HELPERS, LEADERS, SEE_ALL_RECORDS, SELLERS, Role


@dataclass(frozen=True)
class Grant:
    """Whose accounts and deals are opened by one fact. None means everybody's."""

    why: str
    accounts_of: frozenset | None
    deals_of: frozenset | None


@dataclass(frozen=True)
class Scope:
    """Everything `user_id` may see today."""

    user_id: int
    roles: frozenset
    grants: tuple
    led_teams: frozenset  # teams whose pipeline and attainment this person answers for, with all below them

    @cached_property
    def sees_all_accounts(self):
        return any(grant.accounts_of is None for grant in self.grants)

    @cached_property
    def sees_all_deals(self):
        return any(grant.deals_of is None for grant in self.grants)

    @cached_property
    def account_people(self):
        """Ids of the people whose covered accounts are visible; meaningless when `sees_all_accounts`."""
        return frozenset().union(*(grant.accounts_of or () for grant in self.grants))

    @cached_property
    def deal_people(self):
        """Ids of the people whose deals are visible; meaningless when `sees_all_deals`."""
        return frozenset().union(*(grant.deals_of or () for grant in self.grants))


def scope_of(user, day):
    """The Scope of `user` by the memberships of `day`. At most four queries, whatever the size of the organisation."""
    from .models import Assistance, Membership, Team  # noqa: PLC0415 (models offer user.scope)

    mine = list(Membership.objects.on(day).filter(user=user).values_list("team_id", "role"))
    roles = frozenset(Role(role) for _team, role in mine)
    teams = {team.pk: team for team in Team.objects.all()} if mine else {}
    led = below({team for team, role in mine if role in LEADERS}, teams.values())
    wanted = {team for team, _role in mine} | led
    members = defaultdict(set)
    for team, person in Membership.objects.on(day).filter(team_id__in=wanted).values_list("team_id", "user_id"):
        members[team].add(person)

    own = frozenset({user.pk})
    grants = [Grant(_("own accounts and deals"), own, own)]
    for team_id, role in mine:
        grants.extend(_grants_of(teams[team_id], role, members, teams))
    if Role.ASSISTANT in roles:
        for person, name in Assistance.objects.on(day).filter(assistant=user).values_list("principal_id", "principal__name"):
            grants.append(Grant(_("assistant of %(name)s") % {"name": name}, frozenset({person}), frozenset({person})))
    return Scope(user.pk, roles, tuple(grants), frozenset(led))


def _grants_of(team, role, members, teams):
    """What one membership opens."""
    words = {"role": Role(role).label, "team": team.name}
    if role in SEE_ALL_RECORDS:
        yield Grant(_("%(role)s sees all accounts and deals") % words, None, None)
    elif role in LEADERS:
        people = frozenset().union(*(members[each] for each in below({team.pk}, teams.values())))
        yield Grant(_("%(role)s of %(team)s and every team below it") % words, people, people)
    elif role in HELPERS:
        yield Grant(_("%(role)s for all of team %(team)s") % words, frozenset(members[team.pk]), frozenset(members[team.pk]))
    elif role in SELLERS:
        shared = {team.Visibility.OWN: frozenset(), team.Visibility.TEAM: frozenset(members[team.pk]), team.Visibility.ALL: None}
        accounts, deals = shared[team.account_visibility], shared[team.deal_visibility]
        if accounts != frozenset() or deals != frozenset():
            yield Grant(_("team %(team)s shares its work") % words, accounts, deals)


def below(roots, teams):
    """The ids of `roots` and of every team under them."""
    children = defaultdict(list)
    for team in teams:
        children[team.parent_id].append(team.pk)
    found, waiting = set(), list(roots)
    while waiting:
        team = waiting.pop()
        if team not in found:  # a loop in the tree must not hang a request
            found.add(team)
            waiting.extend(children[team])
    return found
