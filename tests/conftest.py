"""The fixed cast of people, and the ways tests act as them."""

import fcntl
import gc
from contextlib import contextmanager
from datetime import date, timedelta
from importlib import import_module

import pytest
from _pytest.python import pytest_pyfunc_call as call_test
from django.apps import apps
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from salesorg.lib.acting import acting
from salesorg.lib.stack import with_room
from salesorg.people.models import Membership, Organisation, Team, User
from salesorg.people.roles import Role

PASSWORD = "correct horse battery"
EVER = date(2020, 1, 1)
QUICK_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MIGRATED = "test_salesorg_migrated"


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    return with_room(call_test)(pyfuncitem)


def pytest_collection_modifyitems(items):
    """Tests without a database come first: one process runs them while another applies the migrations."""
    items.sort(key=lambda item: "db" in item.fixturenames or item.get_closest_marker("django_db") is not None)


def pytest_collection_finish():
    """What is loaded by now stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, request, tmp_path_factory, django_db_blocker):
    """Of several processes one applies the migrations; the database of each is a copy of what it made."""
    if not hasattr(request.config, "workerinput"):
        yield
        return

    @contextmanager
    def server():
        with open(tmp_path_factory.getbasetemp().parent / "migrated.lock", "w") as lock, django_db_blocker.unblock():
            fcntl.flock(lock, fcntl.LOCK_EX)
            with connection._nodb_cursor() as cursor:
                yield cursor

    with server() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [MIGRATED])
        if not cursor.rowcount:
            make_migrated()
    connection.settings_dict["TEST"]["TEMPLATE"] = MIGRATED
    yield
    with server() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {MIGRATED}")


def make_migrated():
    usual, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    own, test["NAME"] = test["NAME"], MIGRATED
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    connection.settings_dict["NAME"], test["NAME"] = usual, own


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """History refuses TRUNCATE, which is how Django empties tables between transactional tests: only here it is let."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE tgname LIKE 'pgtrigger_append_only_truncate%'")
        for name, table in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}" ON {table}')


@receiver(post_migrate, sender=apps.get_app_config("accounts"))
def put_back_the_lines(**kwargs):
    """Emptying the tables after a transactional test also takes what migrations put there, and tells it by this signal.

    Without this, a test that needs the lines passes or fails by the order in which the tests happen to run.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('salesorg.history', 'off', true)")  # a test's history begins empty
        import_module("accounts.migrations.0002_coverage_lines").add_lines(apps, None)


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = QUICK_HASHERS
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.WHITENOISE_AUTOREFRESH = True  # else every test client begins by reading the folder of static files


@pytest.fixture(scope="session")
def media_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("media")


@pytest.fixture(autouse=True)
def _files_of_tests_are_apart(settings, media_folder):
    settings.MEDIA_ROOT = media_folder


@pytest.fixture
def organisation(db):
    return make_organisation()


@pytest.fixture
def teams(organisation):
    """company > east (region) > north, south (pods); mia leads north."""
    return make_teams()


def make_organisation():
    return Organisation.objects.create(pk=1, name="Northwind", time_zone="UTC", currency="USD")


def make_teams():
    company = Team.objects.create(name="Northwind", kind=Team.Kind.COMPANY)
    east = Team.objects.create(name="East", kind=Team.Kind.REGION, parent=company)
    shared = {"account_visibility": Team.Visibility.TEAM, "deal_visibility": Team.Visibility.TEAM}
    return {
        "company": company,
        "east": east,
        "north": Team.objects.create(name="North", kind=Team.Kind.POD, parent=east, **shared),
        "south": Team.objects.create(name="South", kind=Team.Kind.POD, parent=east, **shared),
    }


@pytest.fixture
def person(teams):
    """Make a person: person("rita", "north", Role.AE)."""

    def make(name, team=None, role=None, since=EVER, until=None):
        user = _create(name)
        if team:
            Membership.objects.create(user=user, team=teams[team], role=role, during=DateRange(since, until))
        return user

    return make


def _create(name):
    user = User(email=f"{name}@northwind.example", name=name.capitalize(), started_on=EVER)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def rita(person):
    """A rep in North."""
    return person("rita", "north", Role.AE)


@pytest.fixture
def sam(person):
    """A rep in North: rita's teammate."""
    return person("sam", "north", Role.AE)


@pytest.fixture
def tom(person):
    """A rep in South: a stranger to North."""
    return person("tom", "south", Role.AE)


@pytest.fixture
def sol(person):
    """An outbound SDR in North."""
    return person("sol", "north", Role.SDR_OUTBOUND)


@pytest.fixture
def cora(person):
    """A customer success manager in North."""
    return person("cora", "north", Role.CSM)


@pytest.fixture
def mia(person):
    """Manager of North, so of rita and sam."""
    return person("mia", "north", Role.MANAGER)


@pytest.fixture
def otto(person):
    """Sales operations for the whole company."""
    return person("otto", "company", Role.OPERATIONS)


@pytest.fixture
def fay(person):
    """Finance."""
    return person("fay", "company", Role.FINANCE)


@pytest.fixture
def ada(person):
    """Administrator: all settings, no records."""
    return person("ada", "company", Role.ADMINISTRATOR)


@pytest.fixture
def gone(person):
    """Left North last year."""
    user = person("gone", "north", Role.AE, until=date.today() - timedelta(days=365))
    user.is_active, user.ended_on = False, date.today() - timedelta(days=365)
    user.save()
    return user


@pytest.fixture
def cast(rita, sam, tom, sol, cora, mia, otto, fay, ada, gone):
    """Everybody, by name."""
    return {each.name.lower(): each for each in (rita, sam, tom, sol, cora, mia, otto, fay, ada, gone)}


@pytest.fixture
def as_user(client):
    """Sign a person in: as_user(rita).get("/")."""

    def sign_in(user):
        client.force_login(user, backend="salesorg.people.backends.PeopleBackend")
        return client

    return sign_in


@pytest.fixture
def acting_as():
    """Record what follows as done by this person: with acting_as(rita): …"""
    return lambda user, cause="test": acting(user, cause)


@pytest.fixture
def line(db):
    from accounts.models import CoverageLine

    return CoverageLine.objects.get_or_create(code="new-business", defaults={"name": "New business"})[0]


@pytest.fixture
def account_of(line):
    """An account that this person covers: account_of(rita)."""
    from accounts.models import Account, Coverage

    def make(user, name=None, role=Role.AE):
        account = Account.objects.create(name=name or f"{user.name}'s customer")
        Coverage.objects.create(
            account=account,
            line=line,
            role=role,
            user=user,
            during=DateRange(EVER, None),
            source=Coverage.Source.MANUAL,
            reason="test",
            is_first_contact=True,
        )
        return account

    return make


@pytest.fixture
def stages(db):
    """The stages of the one pipeline, by name: Prospecting, Engaging, Won, Lost."""
    from pipeline.models import Pipeline, Stage

    pipeline, _created = Pipeline.objects.get_or_create(name="New business")
    rows = [
        ("Prospecting", "open", 10, "pipeline"),
        ("Engaging", "open", 50, "best_case"),
        ("Won", "won", 100, "closed"),
        ("Lost", "lost", 0, "omitted"),
    ]
    return {
        name: Stage.objects.get_or_create(
            pipeline=pipeline,
            name=name,
            defaults={"position": i, "status": status, "probability": probability, "forecast_category": category},
        )[0]
        for i, (name, status, probability, category) in enumerate(rows)
    }


@pytest.fixture
def deal_of(account_of, stages):
    """An open deal that this person owns, on an account of the same person: deal_of(rita, amount=1000)."""
    from pipeline.models import Deal, DealMember

    def make(user, account=None, stage="Prospecting", amount=1000, **fields):
        account = account or account_of(user)
        stage = stages[stage]
        deal = Deal.objects.create(
            **{
                "name": f"Deal with {account.name}",
                "account": account,
                "owner": user,
                "pipeline": stage.pipeline,
                "stage": stage,
                "status": stage.status,
                "forecast_category": stage.forecast_category,
                "amount": amount,
                "close_date": date.today() + timedelta(days=30),
                "next_step": "Call back",
                "next_step_on": date.today() + timedelta(days=3),
                "opened_on": date.today() - timedelta(days=10),
            }
            | fields
        )
        DealMember.objects.create(
            deal=deal, user=user, role=Role.AE, revenue_share=DealMember.WHOLE, during=DateRange(EVER, None)
        )
        return deal

    return make
