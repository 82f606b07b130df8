"""What one person may see, and why: the union of grants, each with its reason in words."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.db import connection
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
    """The Scope of `user` by the memberships of `day`, in one query whatever the size of the organisation."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS, {"user": user.pk, "day": day, "leaders": [int(role) for role in LEADERS]})
        facts = [Fact(*row) for row in cursor.fetchall()]
    roles = frozenset(Role(fact.role) for fact in facts if fact.role)
    own = frozenset({user.pk})
    grants = [Grant(_("own accounts and deals"), own, own)]
    for fact in facts:
        grants.extend(_grants_of(fact, roles))
    led = frozenset().union(*(fact.teams for fact in facts if fact.role in LEADERS))
    return Scope(user.pk, roles, tuple(grants), led)


# What a team shares, by its own setting, it shares with those who work with customers in it.
SHARING = SELLERS | HELPERS | LEADERS

# One row for each membership, with everybody in its team (a leader's: and in the teams below); one for each colleague assisted.
FACTS = """
WITH RECURSIVE mine AS (
    SELECT m.team_id, m.role, m.role = ANY(%(leaders)s) AS leads, t.name, t.account_visibility, t.deal_visibility
    FROM people_membership m JOIN people_team t ON t.id = m.team_id
    WHERE m.user_id = %(user)s AND m.during @> %(day)s::date
), reach AS (
    SELECT team_id AS top, leads, team_id FROM mine
    UNION  -- without ALL, so that a loop in the tree ends
    SELECT reach.top, reach.leads, child.id FROM reach JOIN people_team child ON child.parent_id = reach.team_id WHERE reach.leads
)
SELECT role, name, account_visibility, deal_visibility, teams, ARRAY(
    SELECT DISTINCT user_id FROM people_membership WHERE team_id = ANY(teams) AND during @> %(day)s::date
) FROM mine, LATERAL (
    SELECT array_agg(team_id) AS teams FROM reach WHERE reach.top = mine.team_id AND reach.leads = mine.leads
) reached
UNION ALL
SELECT NULL, u.name, NULL, NULL, ARRAY[]::bigint[], ARRAY[a.principal_id]
FROM people_assistance a JOIN people_user u ON u.id = a.principal_id
WHERE a.assistant_id = %(user)s AND a.during @> %(day)s::date
ORDER BY 1, 2
"""


class Fact(NamedTuple):
    """A row of FACTS. Without a role it is a colleague whom this person assists."""

    role: int | None
    name: str  # of the team, or of the colleague
    account_visibility: str | None
    deal_visibility: str | None
    teams: list
    people: list


def _grants_of(fact, roles):
    """What one membership, or one assistance, opens."""
    people = frozenset(fact.people)
    if fact.role is None:
        if Role.ASSISTANT in roles:  # assisting somebody opens nothing to who is no longer an assistant
            yield Grant(_("assistant of %(name)s") % {"name": fact.name}, people, people)
        return
    words = {"role": Role(fact.role).label, "team": fact.name}
    if fact.role in SEE_ALL_RECORDS:
        yield Grant(_("%(role)s sees all accounts and deals") % words, None, None)
    elif fact.role in LEADERS:
        yield Grant(_("%(role)s of %(team)s and every team below it") % words, people, people)
    elif fact.role in HELPERS:
        yield Grant(_("%(role)s for all of team %(team)s") % words, people, people)
    if fact.role in SHARING:
        shared = {"own": frozenset(), "team": people, "all": None}
        accounts, deals = shared[fact.account_visibility], shared[fact.deal_visibility]
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
