"""The people for whom every URL is asked."""

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from salesorg.people.models import Assistance, Membership, User
from salesorg.people.roles import Role
from tests.conftest import make_organisation, make_teams

from .kinds import SINCE


@pytest.fixture(scope="module")
def signed_in(django_db_setup, django_db_blocker):
    """One person for each role, in pod North; their teammate, whom the assistant assists; a stranger in South.

    They and their sessions are made once for all URLs, because that takes as long as asking one: (people, cookies).
    """
    with django_db_blocker.unblock(), transaction.atomic():
        people = everybody()
        yield people, {person.pk: cookie_of(person) for person in people.values()}
        transaction.set_rollback(True)


@pytest.fixture
def world(signed_in, db):
    """The people by the name of their role; what a test does with them is taken back at its end."""
    people, _cookies = signed_in
    return people


@pytest.fixture
def browser_of(signed_in):
    """A new browser in which this person is signed in."""
    _people, cookies = signed_in

    def open_browser(person):
        browser = Client()
        browser.cookies[settings.SESSION_COOKIE_NAME] = cookies[person.pk]
        return browser

    return open_browser


def cookie_of(person):
    browser = Client()
    browser.force_login(person, backend="salesorg.people.backends.PeopleBackend")
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def everybody():
    make_organisation()
    teams = make_teams()
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
