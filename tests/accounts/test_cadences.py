"""How often accounts are contacted: when each is due, by what, and what the night plans of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Activity, Cadence, ContactDue, Coverage
from accounts.services import log_activity, plan_activity
from accounts.services.cadences import AHEAD, MOST_OPEN, end_cadence, first_contacts, plan_by_cadence, refresh_due, set_cadence
from accounts.services.standing_in import pass_on_plans
from salesorg.audit.services import undo
from salesorg.jobs.runs import run_here, start_run
from salesorg.lib.acting import acting
from salesorg.people.models import Absence

DAY = date(2026, 3, 2)


@pytest.fixture
def customer(rita, account_of):
    """A customer of tier A that rita has known since January, never visited."""
    account = account_of(rita, "Acme")
    Account.objects.filter(pk=account.pk).update(lifecycle="customer", tier="A")
    ContactDue.objects.filter(account=account).update(since=date(2026, 1, 1))
    account.refresh_from_db()
    return account


def due(account, kind="visit"):
    return ContactDue.objects.get(account=account, kind=kind)


def at(day):
    return datetime.combine(day, datetime.min.time(), timezone.get_current_timezone()) + timedelta(hours=10)


def visited(account, day, actor, **facts):
    return log_activity(account=account, kind="visit", done_at=at(day), actor=actor, **facts)


# ── when an account was last contacted is always true ──


def test_the_last_visit_counts_whatever_path_it_came_by(customer, rita):
    assert due(customer).last_on is None
    visit = visited(customer, date(2026, 2, 1), rita)
    assert due(customer).last_on == date(2026, 2, 1)
    visited(customer, date(2026, 1, 5), rita)  # logged later, made earlier
    visited(customer, date(2026, 2, 9), rita, outcome="not_there")
    assert due(customer).last_on == date(2026, 2, 1)
    assert due(customer, "call").last_on is None
    with acting(rita, "test") as click:
        Activity.objects.filter(pk=visit.pk).delete()
    assert due(customer).last_on == date(2026, 1, 5)
    undo(context=click.context, actor=rita)
    assert due(customer).last_on == date(2026, 2, 1)
    Activity.objects.filter(pk=visit.pk).update(kind="call")
    assert (due(customer).last_on, due(customer, "call").last_on) == (date(2026, 1, 5), date(2026, 2, 1))


def test_a_visit_moved_to_another_account_counts_there(customer, rita, account_of):
    other, visit = account_of(rita, "Other"), visited(customer, date(2026, 2, 1), rita)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_activity SET account_id = %s WHERE id = %s", [other.pk, visit.pk])
    assert (due(customer).last_on, due(other).last_on) == (None, date(2026, 2, 1))


def test_an_account_that_goes_takes_its_rows_along_and_one_that_comes_back_has_them(customer, rita):
    pk = customer.pk
    Coverage.objects.filter(account=customer).delete()
    customer.delete()
    assert not ContactDue.objects.filter(account_id=pk).exists()
    Account.objects.create(pk=pk, name="Again")
    assert ContactDue.objects.filter(account_id=pk).count() == 2


kinds, outcomes = st.sampled_from(["visit", "call", "note"]), st.sampled_from(["well", "not_there"])
days = st.dates(date(2026, 1, 1), date(2026, 3, 1))
steps = st.lists(st.tuples(kinds, days, outcomes, st.booleans()))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_is_logged_and_deleted_the_last_contact_is_the_newest_that_counts(customer, rita, history):
    Activity.objects.all().delete()
    for kind, day, outcome, stays in history:
        row = Activity.objects.create(account=customer, user=rita, kind=kind, outcome=outcome, done_at=at(day))
        if not stays:
            row.delete()
    for kind in ("visit", "call"):
        counted = [day for what, day, outcome, stays in history if what == kind and outcome == "well" and stays]
        assert due(customer, kind).last_on == max(counted, default=None)


# ── how often ──


def test_customers_follow_their_tier_and_an_account_its_own_cadence(customer, otto, rita, account_of):
    prospect = account_of(rita, "Prospect")
    Account.objects.filter(pk=prospect.pk).update(tier="A")
    set_cadence(tier="A", kind="visit", every_days=30, from_day=DAY, actor=otto)
    refresh_due(day=DAY)
    assert due(customer).due_on == date(2026, 1, 31)
    assert due(prospect).due_on is None
    set_cadence(account=customer, kind="visit", every_days=10, from_day=DAY, actor=rita)
    set_cadence(account=prospect, kind="visit", every_days=90, from_day=DAY, actor=rita)
    refresh_due(day=DAY)
    assert (due(customer).every_days, due(prospect).every_days) == (10, 90)
    end_cadence(account=customer, kind="visit", from_day=DAY, actor=rita)
    refresh_due(day=DAY)
    assert due(customer).every_days == 30


def test_what_held_before_keeps_its_dates(otto):
    for every, since in ((30, date(2026, 1, 1)), (20, DAY)):
        set_cadence(tier="A", kind="visit", every_days=every, from_day=since, actor=otto)
    rows = Cadence.objects.order_by("during").values_list("every_days", "during")
    assert list(rows) == [(30, DateRange(date(2026, 1, 1), DAY)), (20, DateRange(DAY, None))]


def test_a_former_customer_is_due_nothing(customer, otto):
    set_cadence(tier="A", kind="visit", every_days=30, from_day=DAY, actor=otto)
    Account.objects.filter(pk=customer.pk).update(lifecycle="former")
    refresh_due(day=DAY)
    assert due(customer).due_on is None


# ── what the night plans ──


@pytest.fixture
def cadence(customer, otto):
    set_cadence(tier="A", kind="visit", every_days=30, from_day=date(2026, 1, 1), actor=otto)
    refresh_due(day=DAY)


def planned(day=DAY):
    return plan_by_cadence(people=first_contacts(day), day=day, actor=None)


def test_what_is_due_is_planned_once_for_whoever_is_the_first_contact(customer, cadence, rita):
    assert [planned(), planned(), planned(DAY + timedelta(days=3))] == [1, 0, 0]
    visit = Activity.objects.get()
    assert (visit.account, visit.user, visit.kind, visit.due_on, visit.is_done) == (customer, rita, "visit", DAY, False)


def test_nothing_is_planned_before_its_time(customer, cadence, rita):
    visited(customer, DAY - timedelta(days=20), rita)
    assert planned() == 0
    assert planned(DAY + timedelta(days=10) - AHEAD) == 1
    assert Activity.objects.planned().get().due_on == DAY + timedelta(days=10)


def test_somebody_who_has_planned_a_visit_is_left_alone(customer, cadence, rita):
    plan_activity(account=customer, kind="visit", due_on=DAY + timedelta(days=60), actor=rita)
    assert planned() == 0


def test_a_cancelled_plan_comes_back_only_when_the_cadence_does(customer, cadence):
    planned()
    Activity.objects.all().delete()
    assert planned() == 0
    assert planned(DAY + timedelta(days=29) - AHEAD) == 0
    assert planned(DAY + timedelta(days=30) - AHEAD) == 1


@pytest.mark.parametrize("wanted", [0, 1])
def test_nobody_is_visited_who_asked_not_to_be_contacted(customer, cadence, wanted):
    customer.contacts.create(name="Ines", do_not_contact=True)
    if wanted:
        customer.contacts.create(name="Ulla")
    assert planned() == wanted


def test_nobody_is_given_more_than_can_be_laid_out(cadence, rita, account_of):
    for number in range(MOST_OPEN + 2):
        account = account_of(rita, f"Customer {number}")
        Account.objects.filter(pk=account.pk).update(lifecycle="customer", tier="A")
        ContactDue.objects.filter(account=account).update(since=date(2026, 1, 2))
    refresh_due(day=DAY)
    assert planned() == MOST_OPEN
    assert Activity.objects.filter(account__name="Acme").exists()  # the most overdue comes first
    assert planned() == 0


def test_the_night_asks_as_little_for_many_accounts_as_for_one(customer, cadence, rita, account_of):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            planned()
        return len(queries)

    of_one = asked()
    for number in range(3):
        account = account_of(rita, f"Customer {number}")
        Account.objects.filter(pk=account.pk).update(lifecycle="customer", tier="A")
    ContactDue.objects.update(since=date(2026, 1, 2))
    refresh_due(day=DAY)
    assert asked() == of_one and Activity.objects.count() == 4


def test_the_nightly_run_plans_and_run_again_plans_nothing_more(customer, rita):
    set_cadence(account=customer, kind="visit", every_days=30, from_day=date(2026, 1, 1), actor=rita)
    for again in (False, True):
        run = run_here(start_run(job="nightly", period=DAY.isoformat(), again=again))
        assert run.problems == []
        assert run.counts.get("planned", 0) == (0 if again else 1)


# ── the list ──


def late(response):
    return [(row.account.name, days) for row, _covered, days in response.context["rows"]]


def test_the_list_names_who_is_late_and_by_how_much_the_latest_first(customer, cadence, rita, sam, account_of, as_user):
    today = rita.today
    ContactDue.objects.filter(account=customer).update(since=today - timedelta(days=40))
    other = account_of(sam, "Bakery")
    Account.objects.filter(pk=other.pk).update(lifecycle="customer", tier="A")
    ContactDue.objects.filter(account=other).update(since=today - timedelta(days=90))
    refresh_due(day=today)
    client = as_user(rita)
    assert late(client.get("/accounts/not-visited/")) == [("Acme", 10)]
    assert late(client.get("/accounts/not-visited/?whose=all")) == [("Bakery", 60), ("Acme", 10)]
    assert late(client.get(f"/accounts/not-visited/?whose=all&by={sam.pk}")) == [("Bakery", 60)]
    assert late(client.get("/accounts/not-visited/?whose=all&days=85")) == [("Bakery", 5)]
    assert late(client.get("/accounts/not-visited/?kind=call")) == []
    visited(customer, today - timedelta(days=1), rita)
    assert late(client.get("/accounts/not-visited/")) == []


def test_a_stranger_is_told_of_nobody_elses_late_accounts(customer, tom, as_user):
    response = as_user(tom).get("/accounts/not-visited/?whose=all&days=1")
    assert late(response) == []
    assert "Acme" not in response.content.decode()


def test_operations_set_a_tiers_cadence_and_take_it_back(customer, otto, as_user):
    client = as_user(otto)
    facts = {"tier": "A", "kind": "visit", "every_days": "30", "from_day": otto.today.isoformat()}
    page = client.post("/accounts/cadences/", facts, follow=True)
    assert due(customer).every_days == 30
    client.post(page.context["messages"]._loaded_data[0].extra_tags)
    assert not Cadence.objects.exists()
    assert due(customer).every_days is None  # at once, not only after the night


def test_a_rep_gives_an_account_a_cadence_of_its_own_and_gives_it_back_to_its_tier(customer, rita, as_user):
    client, address = as_user(rita), f"/accounts/{customer.pk}/cadence/"
    facts = {"kind": "call", "every_days": "14", "from_day": rita.today.isoformat()}
    assert client.post(address, facts).status_code == 302
    assert due(customer, "call").every_days == 14
    assert client.post(address, facts | {"like_tier": "on"}).status_code == 302
    assert due(customer, "call").every_days is None


# ── what falls due while somebody is away ──

BACK = date(2026, 3, 9)  # the Monday after DAY and the days below


def away(user, *, stand_in=None, first=DAY):
    return Absence.objects.create(user=user, during=DateRange(first, BACK - timedelta(days=2)), stand_in=stand_in)


def whose():
    visit = Activity.objects.get()
    return visit.user, visit.due_on


def test_what_falls_due_while_somebody_is_away_goes_to_the_stand_in(customer, cadence, rita, sam):
    away(rita, stand_in=sam)
    assert [planned(), planned()] == [1, 0]
    assert whose() == (sam, DAY)
    assert Activity.objects.get().subject == "For Rita, who is away"


def test_without_a_stand_in_it_is_planned_for_the_first_working_day_back(customer, cadence, rita):
    away(rita)
    assert [planned(), planned(DAY + timedelta(days=1))] == [1, 0]
    assert whose() == (rita, BACK)


def test_a_stand_in_who_may_not_see_the_account_gets_nothing_of_it(customer, cadence, rita, tom):
    away(rita, stand_in=tom)
    planned()
    assert whose() == (rita, BACK)


def test_what_was_planned_before_somebody_fell_ill_is_passed_on_in_the_night(customer, cadence, rita, sam):
    planned()
    away(rita, stand_in=sam)
    passed = {"people": [rita.pk], "first": DAY, "last": DAY + AHEAD, "actor": None}
    assert [pass_on_plans(**passed), pass_on_plans(**passed)] == [1, 0]
    assert whose() == (sam, DAY)


def test_an_hour_agreed_with_the_customer_is_left_to_people(customer, cadence, rita, sam):
    planned()
    Activity.objects.update(starts_at=datetime(2026, 3, 2, 10, tzinfo=UTC))
    away(rita, stand_in=sam)
    assert pass_on_plans(people=[rita.pk], first=DAY, last=DAY + AHEAD, actor=None) == 0
