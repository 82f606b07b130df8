"""Planning with a time, a length, a reminder and a colleague; moving, cancelling; and the calendar that shows it."""

import uuid
from datetime import UTC, date, datetime, time, timedelta

import pytest

from accounts.models import Activity
from accounts.services import cancel_activity, change_plan, log_activity, move_activity, plan_activity, plan_series
from salesorg.audit.services import undo
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError

DAY = date(2026, 3, 2)  # a Monday
NINE = time(9)


@pytest.fixture
def visit(rita, account_of):
    """A visit of rita's at nine, with a reminder half an hour before."""
    rita.time_zone = "Europe/Vienna"
    rita.save()
    account = account_of(rita, "Acme")
    return plan_activity(account=account, kind="visit", due_on=DAY, at=NINE, minutes=60, remind=30, actor=rita)


def test_a_visit_begins_at_the_time_of_whoever_makes_it(visit):
    assert visit.starts_at == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert visit.remind_at == datetime(2026, 3, 2, 7, 30, tzinfo=UTC)


def test_moved_to_another_day_it_keeps_its_length_and_reminder_and_the_move_is_undone(visit, rita):
    with acting(rita, "test") as click:
        moved = move_activity(activity=visit, day=date(2026, 4, 1), at=time(14, 15), actor=rita)
    assert (moved.due_on, moved.minutes) == (date(2026, 4, 1), 60)
    assert moved.starts_at == datetime(2026, 4, 1, 12, 15, tzinfo=UTC)  # summer time by then
    assert moved.starts_at - moved.remind_at == timedelta(minutes=30)
    undo(context=click.context, actor=rita)
    visit.refresh_from_db()
    assert (visit.due_on, visit.starts_at) == (DAY, datetime(2026, 3, 2, 8, tzinfo=UTC))


def test_moved_to_the_day_alone_it_loses_time_and_reminder(visit, rita):
    moved = move_activity(activity=visit, day=DAY, actor=rita)
    assert (moved.starts_at, moved.remind_at) == (None, None)


def test_two_who_move_the_same_visit_are_told(visit, rita, sam):
    move_activity(activity=visit, day=DAY, at=time(10), seen="2026-03-02 09:00", actor=sam)
    with pytest.raises(DomainError, match="meanwhile"):
        move_activity(activity=visit, day=DAY, at=time(11), seen="2026-03-02 09:00", actor=rita)


def test_what_is_done_is_not_moved(visit, rita):
    Activity.objects.filter(pk=visit.pk).update(done_at=visit.starts_at)
    with pytest.raises(DomainError, match="done"):
        move_activity(activity=visit, day=DAY, actor=rita)


def test_a_visit_every_two_weeks_is_planned_at_once_stored_once_and_undone_at_once(rita, account_of):
    account, number = account_of(rita), uuid.uuid4()
    facts = {"account": account, "kind": "visit", "at": NINE, "actor": rita, "client_id": number}
    with acting(rita, "test") as click:
        series = plan_series(due_on=DAY, every_weeks=2, until=date(2026, 4, 1), **facts)
    again = plan_series(due_on=DAY, every_weeks=2, until=date(2026, 4, 1), **facts)
    assert [each.due_on for each in series] == [DAY, date(2026, 3, 16), date(2026, 3, 30)]
    assert [each.pk for each in series] == [each.pk for each in again]
    assert Activity.objects.count() == 3
    undo(context=click.context, actor=rita)
    assert not Activity.objects.exists()


def test_a_series_needs_an_end(rita, account_of):
    with pytest.raises(DomainError, match="until when"):
        plan_series(account=account_of(rita), kind="visit", due_on=DAY, every_weeks=2, actor=rita)


def test_cancelling_one_and_all_that_follow_leaves_what_came_before(rita, account_of):
    series = plan_series(
        account=account_of(rita), kind="visit", due_on=DAY, every_weeks=1, until=date(2026, 3, 30), actor=rita
    )  # fmt: skip
    assert cancel_activity(activity=series[0], actor=rita) == 1
    assert cancel_activity(activity=series[2], following=True, actor=rita) == 3
    assert list(Activity.objects.all()) == [series[1]]


def test_a_visit_is_given_to_a_colleague_who_sees_the_account_and_to_nobody_else(visit, rita, sam, tom):
    facts = {"activity": visit, "due_on": DAY, "kind": "visit", "at": NINE, "actor": rita}
    assert change_plan(user=sam, **facts).user == sam
    assert change_plan(user=sam, **facts).starts_at == datetime(2026, 3, 2, 9, tzinfo=UTC)  # nine where sam is
    with pytest.raises(DomainError, match="plan for yourself"):
        change_plan(user=tom, **facts)


def test_nobody_is_given_what_they_could_not_see(visit, otto, tom):
    with pytest.raises(DomainError, match="does not see"):
        change_plan(activity=visit, due_on=DAY, kind="visit", user=tom, actor=otto)


# ── pages ──


def entries(response):
    return [
        (entry.activity.account.name, entry.start) for day in response.context["days"] for entry in (*day.all_day, *day.timed)
    ]


def test_a_calendar_shows_the_week_in_the_time_of_its_person(visit, rita, sam, as_user):
    log_activity(account=visit.account, kind="call", done_at=datetime(2026, 3, 3, 9, tzinfo=UTC), actor=rita)
    assert entries(as_user(rita).get("/accounts/calendar/?day=2026-03-04")) == [("Acme", 540), ("Acme", 600)]
    theirs = as_user(sam).get(f"/accounts/calendar/?day=2026-03-02&view=day&person={rita.pk}")
    assert entries(theirs) == [("Acme", 540)]
    assert "times of Europe/Vienna" in theirs.content.decode()


def test_in_a_colleagues_calendar_a_stranger_sees_nothing_of_accounts_that_are_not_theirs(visit, rita, tom, as_user):
    response = as_user(tom).get(f"/accounts/calendar/?day=2026-03-02&person={rita.pk}")
    assert entries(response) == []
    assert "Acme" not in response.content.decode()


def test_a_week_with_more_than_a_calendar_can_show_says_so_and_leads_to_the_list(visit, rita, as_user):
    assert "All that is planned" not in as_user(rita).get("/accounts/calendar/?day=2026-03-10").text
    day = date(2026, 3, 10)
    Activity.objects.bulk_create(Activity(account=visit.account, user=rita, kind="call", due_on=day) for _each in range(501))
    page = as_user(rita).get("/accounts/calendar/?day=2026-03-10")
    assert "the first 500" in page.text
    assert as_user(rita).get(page.context["list_url"]).context["selection"].activities().count() >= 501


def test_what_lies_outside_office_hours_makes_the_day_longer(visit, rita, as_user):
    plan_activity(account=visit.account, kind="call", due_on=DAY, at=time(23, 50), actor=rita)
    context = as_user(rita).get("/accounts/calendar/?day=2026-03-02").context
    assert (context["from_hour"], context["until_hour"]) == (7, 24)


def test_a_visit_is_planned_from_a_free_hour_for_a_colleague(rita, sam, account_of, as_user):
    account = account_of(rita)
    client = as_user(sam)
    address = f"/accounts/plan/?due_on=2026-03-02&at=10:15&person={rita.pk}"
    page = client.get(address).content.decode()
    assert 'value="10:15"' in page
    assert f'value="{rita.pk}"' in page
    facts = {"account": account.pk, "kind": "visit", "due_on": "2026-03-02", "at": "10:15", "minutes": "45", "user": rita.pk}
    assert client.post(address, facts).status_code == 302
    planned = Activity.objects.get()
    assert (planned.user, planned.minutes, planned.starts_at) == (rita, 45, datetime(2026, 3, 2, 10, 15, tzinfo=UTC))


def test_a_reminder_without_a_time_is_refused_at_its_field(rita, account_of, as_user):
    facts = {"kind": "visit", "due_on": "2026-03-02", "remind": "30"}
    response = as_user(rita).post(f"/accounts/{account_of(rita).pk}/plan/", facts)
    assert response.status_code == 422
    assert "Give a time to be reminded" in response.context["form"].errors["at"][0]


def test_the_page_of_a_plan_shows_what_is_stored_and_saves_what_is_typed(visit, rita, as_user):
    client, address = as_user(rita), f"/accounts/activities/{visit.pk}/"
    form = client.get(address).context["form"]
    assert (form["at"].value(), form["minutes"].value(), form["remind"].value()) == (NINE, 60, 30)
    facts = {"kind": "call", "due_on": "2026-03-03", "at": "11:00", "remind": "10", "subject": "Prices"}
    assert client.post(address, facts).status_code == 302
    visit.refresh_from_db()
    assert (visit.kind, visit.subject, visit.user) == ("call", "Prices", rita)
    assert visit.starts_at == datetime(2026, 3, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at", "said"),
    [("", "09:00", "Give a day"), ("9999-12-31", "", "Give a day"), ("2026-03-02", "25:00", "Give a time"), ("x", "y", "day")],
)
def test_a_move_to_nowhere_is_refused_in_words(visit, rita, as_user, day, at, said):
    response = as_user(rita).post(
        f"/accounts/activities/{visit.pk}/move/", {"day": day, "at": at}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 422
    assert said in response.headers["HX-Trigger"]


def test_cancelling_can_be_undone_from_the_toast(visit, rita, as_user):
    client = as_user(rita)
    page = client.post(f"/accounts/activities/{visit.pk}/cancel/", follow=True)
    assert not Activity.objects.exists()
    client.post(page.context["messages"]._loaded_data[0].extra_tags)
    assert Activity.objects.get() == visit
