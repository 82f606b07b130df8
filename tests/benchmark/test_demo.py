"""The demo: somebody to be for every role, and every part of the work to be seen."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count
from django.test import override_settings

from accounts.models import (
    Account,
    AccountPair,
    Activity,
    ActivityTarget,
    Cadence,
    ContactDue,
    DocumentLink,
    DocumentVersion,
    Photo,
    PinProposal,
    PrintOrder,
    Sighting,
    Trip,
    VehicleMonth,
)
from salesorg.home.demo import PASSWORD, load_demo, sign_ins
from salesorg.people.models import User
from tests.conftest import QUICK_HASHERS

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def whole_demo(django_db_setup, django_db_blocker):
    """Loaded once for all tests of this file, because that takes several seconds."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(PASSWORD_HASHERS=QUICK_HASHERS):
            load_demo(now=datetime(2026, 11, 20, 15, tzinfo=UTC))
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(whole_demo, db):
    """What a test changes of it is taken back at its end."""


def test_the_demo_has_one_sign_in_per_role_and_work_for_today(demo, client):
    people = dict(sign_ins(TODAY))
    assert list(people) == [
        "Account executive",
        "SDR, outbound",
        "Specialist",
        "Customer success manager",
        "Technician",
        "Manager",
        "Director",
        "Sales operations",
        "Finance",
        "Administrator",
    ]
    assert User.objects.get(email="rita@northwind.example").check_password(PASSWORD)
    visits = Activity.objects.planned().filter(due_on=TODAY, kind="visit").values("user").annotate(Count("pk"))
    assert len(visits) >= 4
    out = StringIO()
    call_command("demo_sign_ins", stdout=out)
    assert PASSWORD in out.getvalue() and "ada@northwind.example" in out.getvalue()


def test_the_demo_shows_every_part_of_the_work_in_the_field(demo):
    rita = User.objects.signed_in(User.objects.get(email="rita@northwind.example").pk)
    assert Activity.objects.planned().filter(user=rita, starts_at__date=TODAY, remind_at__isnull=False).exists()
    assert Sighting.objects.visible_to(rita).exists() and Photo.objects.exists() and PinProposal.objects.waiting().exists()
    assert Trip.objects.filter(user=rita).count() > 4 and VehicleMonth.objects.filter(user=rita).exists()
    assert DocumentVersion.objects.filter(number=2).exists() and DocumentLink.objects.exists() and PrintOrder.objects.exists()
    assert AccountPair.objects.exists() and ContactDue.objects.filter(due_on__lt=TODAY).exists()
    assert set(Cadence.objects.values_list("tier", flat=True)) == {"A", "B", "C", "new"}
    assert ActivityTarget.objects.exists() and Account.objects.filter(is_key_account=True, tier="A").exists()
    assert [view["name"] for view in rita.kept_views if view["pinned"]] == ["Key accounts"]


def test_a_demo_person_who_chose_another_password_is_not_offered(demo):
    ada = User.objects.get(email="ada@northwind.example")
    ada.set_password("something of her own")
    ada.save()
    assert "Administrator" not in dict(sign_ins(TODAY))
