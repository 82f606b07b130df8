"""People, teams, and what is theirs alone."""

import uuid
from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from accounts.models import Account
from salesorg.lib.acting import acting
from salesorg.people.models import Absence, Assistance, SavedView, Session, Team, User

from ..matrix.lines import ADMINISTRATOR, EVERYONE, LEADERS
from .accounts import account
from .registry import PRIVATE, PUBLIC, SINCE, kind


@kind(**PUBLIC)
def person(person, marker):
    return person.pk


@kind(**PUBLIC)
def membership(person, marker):
    return person.memberships.get().pk


@kind(**PUBLIC)
def assistance(person, marker):
    boss = User.objects.create(name=marker, email=f"{marker.replace(' ', '.')}@x.example")
    return Assistance.objects.create(assistant=person, principal=boss, during=SINCE).pk


@kind(own=EVERYONE, mate=LEADERS | ADMINISTRATOR, stranger=ADMINISTRATOR)
def absence(person, marker):
    day = date.today()
    return Absence.objects.create(user=person, during=DateRange(day, day + timedelta(days=3))).pk


@kind(**PUBLIC)
def team(person, marker):
    return Team.objects.create(name=marker).pk


@kind(**PRIVATE, absent="0" * 20)
def session(person, marker):
    row = Session.objects.create(session_key=marker.replace(" ", ""), user=person, expire_date=timezone.now() + timedelta(days=1))
    return row.handle


@kind(**PRIVATE)
def saved_view(person, marker):
    return SavedView.objects.create(owner=person, page=SavedView.Page.ACCOUNTS, query="tier=A", name=marker).pk


@kind(own=EVERYONE, mate=ADMINISTRATOR, stranger=ADMINISTRATOR, absent=uuid.UUID(int=0))
def undertaking(person, marker):
    """Something a person did, by the context that it can be undone with."""
    pk = account(person, marker)
    with acting(person, "test") as click:
        Account.objects.filter(pk=pk).update(industry="Mining")
    return click.context
