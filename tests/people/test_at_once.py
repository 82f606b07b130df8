"""Two administrators change the same thing at the same moment: one does it, the other is told in words."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection

from salesorg.lib.errors import DomainError
from salesorg.people.models import Membership, Team
from salesorg.people.roles import Role
from salesorg.people.services.people import add_assistance, add_membership
from salesorg.people.services.teams import create_team, delete_team

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date.today()


def together(*works):
    """Do all of `works` at the same moment; what each returned or why it was refused."""
    start = threading.Barrier(len(works))

    def run(work):
        try:
            start.wait(timeout=10)
            return work()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def refused(answers):
    return sum(isinstance(answer, DomainError) for answer in answers)


@pytest.mark.parametrize("_again", range(3))
def test_the_same_role_given_twice(ada, rita, teams, _again):
    give = lambda: add_membership(person=rita, team=teams["south"], role=Role.AE, since=TODAY, actor=ada)  # noqa: E731
    assert refused(together(give, give)) == 1


@pytest.mark.parametrize("_again", range(3))
def test_the_same_assistance_given_twice(ada, rita, person, _again):
    helper = person("ann", "north", Role.ASSISTANT)
    give = lambda: add_assistance(assistant=helper, principal=rita, since=TODAY, actor=ada)  # noqa: E731
    assert refused(together(give, give)) == 1


@pytest.mark.parametrize("_again", range(3))
def test_the_same_team_made_twice(ada, teams, _again):
    make = lambda: create_team(name="West", kind="pod", parent=teams["east"], actor=ada)  # noqa: E731
    assert refused(together(make, make)) == 1


@pytest.mark.parametrize("_again", range(5))
def test_a_team_deleted_while_somebody_joins(ada, rita, teams, _again):
    team = Team.objects.create(name="Short-lived")
    joined = Team.objects.get(pk=team.pk)
    answers = together(
        lambda: delete_team(team=team, actor=ada),
        lambda: add_membership(person=rita, team=joined, role=Role.AE, since=TODAY, actor=ada),
    )
    assert refused(answers) == 1
    assert Membership.objects.filter(team_id=joined.pk).exists() == Team.objects.filter(pk=joined.pk).exists()
