"""The people for whom every URL is asked."""

import pytest

from salesorg.people.models import Assistance, Membership, User
from salesorg.people.roles import Role

from .kinds import SINCE


@pytest.fixture
def world(teams):
    """One person for each role, in pod North; their teammate, whom the assistant assists; a stranger in South."""
    names = [*Role.names, "mate", "stranger"]
    people = User.objects.bulk_create([User(name=name.title(), email=f"{name}@x.example", password="!") for name in names])
    people = dict(zip(names, people, strict=True))
    roles = {name: Role[name] for name in Role.names} | {"mate": Role.AE, "stranger": Role.AE}
    Membership.objects.bulk_create(
        Membership(user=person, team=teams["south" if name == "stranger" else "north"], role=roles[name], during=SINCE)
        for name, person in people.items()
    )
    Assistance.objects.create(assistant=people["ASSISTANT"], principal=people["mate"], during=SINCE)
    return people
