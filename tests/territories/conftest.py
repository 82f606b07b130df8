"""A plan with one force: East > North (rita leads), South (tom leads), and West, which nobody leads."""

from datetime import date

import pytest

from accounts.models import Account
from salesorg.people.roles import Role
from territories.models import Force, Territory
from territories.services import create_force, create_plan, create_territory, open_seat, place

START = date(2024, 1, 1)


@pytest.fixture
def force(otto, line):
    plan = create_plan(name="2024", active_from=START, actor=otto)
    return create_force(plan=plan, name="Field", division=Force.Division.GEOGRAPHIC, line=line, roles=[Role.AE], actor=otto)


@pytest.fixture
def territories(force, rita, tom, otto):
    east = create_territory(force=force, name="East", actor=otto)
    made = {"East": east}
    for name, parent, lead in (("North", east, rita), ("South", east, tom), ("West", None, None)):
        made[name] = create_territory(force=force, name=name, parent=parent, actor=otto)
        open_seat(territory=made[name], role=Role.AE, user=lead, from_day=START, actor=otto)
    return made


@pytest.fixture
def placed(force, territories, otto):
    """Make accounts in a territory: placed("North", 3)."""

    def make(territory, count=1):
        territory = territories.get(territory) or Territory.objects.get(name=territory)
        accounts = Account.objects.bulk_create(Account(name=f"{territory} customer {i}") for i in range(count))
        rows = dict.fromkeys([account.pk for account in accounts], territory.pk)
        place(force=force, territories=rows, day=START, reason="imported", actor=otto)
        return accounts

    return make
