"""Today in the order of a route: every visit is there, in time or with the reason why not, and nobody else's."""

import json
from datetime import date, datetime, time, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from accounts.engine.route import Day, plan
from accounts.models import Account, Activity, Contact, FieldDay
from pipeline.models import Deal
from salesorg.home.today.visits import visits_of

SOUTH, MIDDLE, NORTH = 42.30, 42.36, 42.42


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


@pytest.fixture
def visit(account_of):
    """Plan a visit of a person at an account of theirs: visit(rita, "Nordal", latitude)."""

    def make(user, name, latitude=None, days=0, starts_at=None, **account_fields):
        account = account_of(user, name)
        place = {"latitude": latitude, "longitude": None if latitude is None else -71.06}
        Account.objects.filter(pk=account.pk).update(**place, **account_fields)
        due = user.today + timedelta(days=days)
        return Activity.objects.create(account=account, user=user, kind="visit", due_on=due, starts_at=starts_at)

    return make


def starting_at(user, latitude):
    FieldDay.objects.create(user=user, start_latitude=latitude, start_longitude=-71.06)


def names(visits):
    return [each.account.name for each in visits]


def page_of(client):
    return unescape(client.get("/").content.decode())


def test_visits_come_in_the_order_of_the_way_and_not_as_they_were_planned(as_user, rita, visit):
    starting_at(rita, SOUTH - 0.05)
    for name, latitude in (("Middle", MIDDLE), ("North", NORTH), ("South", SOUTH)):
        visit(rita, name, latitude)
    page = page_of(as_user(rita))
    assert page.index("South") < page.index("Middle") < page.index("North")
    assert "3 visits" in page


def test_an_overdue_visit_is_part_of_the_way_and_says_so(as_user, rita, visit):
    visit(rita, "Forgotten", MIDDLE, days=-3)
    response = as_user(rita).get("/")
    assert names(response.context["visits"].route) == ["Forgotten"]
    assert "overdue" in response.content.decode()


def test_a_visit_that_does_not_fit_is_listed_with_the_reason(as_user, rita, visit):
    FieldDay.objects.create(user=rita, begins=time(8), ends=time(17))
    visit(rita, "Long one", MIDDLE, visit_minutes=500)
    visit(rita, "Nordal", NORTH, days=-1, opening_hours="15:00-16:00")
    visit(rita, "Shut", SOUTH, opening_hours="Mo-Su off")
    page = page_of(as_user(rita))
    assert "Nordal closes at 16:00; it does not fit." in page
    assert "Shut is closed today." in page


def test_an_account_whose_place_nobody_knows_stands_apart_with_a_way_to_set_it(as_user, rita, visit):
    lost = visit(rita, "Lost")
    response = as_user(rita).get("/")
    assert names(response.context["visits"].placeless) == ["Lost"]
    assert f"/accounts/{lost.account_id}/place/" in response.content.decode()


def test_more_than_a_day_has_room_for_is_not_dropped_in_silence(as_user, rita, account_of):
    account = account_of(rita)
    planned = [Activity(account=account, user=rita, kind="visit", due_on=rita.today) for _each in range(21)]
    Activity.objects.bulk_create(planned)
    response = as_user(rita).get("/")
    assert response.context["visits"].count == 20
    assert "/accounts/activities/?state=planned&amp;whose=mine" in response.content.decode()


def test_hours_written_past_the_form_do_not_take_today_away(as_user, rita, visit):
    visit(rita, "Odd hours", MIDDLE, opening_hours="whenever")
    assert names(as_user(rita).get("/").context["visits"].route) == ["Odd hours"]


@pytest.mark.parametrize(("hour", "is_said"), [(15, False), (22, True)])
def test_in_the_evening_today_says_that_the_day_in_the_field_is_over(as_user, rita, visit, hour, is_said):
    rita.time_zone = "America/New_York"
    rita.save()
    with time_machine.travel(datetime(2026, 3, 10, hour, 30, tzinfo=ZoneInfo("America/New_York")), tick=False):
        visit(rita, "Acme", MIDDLE)
        Activity.objects.update(due_on=date(2026, 3, 10))  # in New York; at the organisation it is the eleventh by then
        visit(rita, "Tomorrow", MIDDLE, days=1)
        Activity.objects.filter(account__name="Tomorrow").update(due_on=date(2026, 3, 11))
        assert "Tomorrow" not in as_user(rita).get("/").text
        assert ("Your day in the field ended at" in as_user(rita).get("/").text) is is_said


def test_an_agreed_time_is_kept(rita, visit):
    noon = timezone.make_aware(datetime.combine(rita.today, time(12)))
    visit(rita, "Agreed", SOUTH, starts_at=noon)
    visit(rita, "Any time", NORTH)
    agreed = next(each for each in visits_of(rita, rita.today).route if each.account.name == "Agreed")
    assert agreed.begins == "12:00"


def test_after_a_visit_the_way_goes_on_from_there(rita, visit):
    starting_at(rita, SOUTH)
    visit(rita, "Near home", SOUTH + 0.01)
    visit(rita, "Up north", NORTH)
    assert names(visits_of(rita, rita.today).route) == ["Near home", "Up north"]
    done = visit(rita, "Farthest north", NORTH + 0.05)
    Activity.objects.filter(pk=done.pk).update(done_at=timezone.now())
    visits = visits_of(rita, rita.today)
    assert names(visits.route) == ["Up north", "Near home"]
    assert names(visits.done) == ["Farthest north"]


def test_the_same_question_is_solved_once_and_another_persons_answer_is_never_used(rita, sam, visit):
    visit(rita, "Ritas", MIDDLE)
    visit(sam, "Sams", MIDDLE)
    visits_of(rita, rita.today)
    (kept,) = cache._cache
    cache.set(kept.partition(":1:")[2], plan([], Day(480, 1080)))  # what is remembered is what is shown
    assert names(visits_of(rita, rita.today).route) == []
    assert names(visits_of(sam, sam.today).route) == ["Sams"]
    visit(rita, "Another", NORTH)
    assert len(visits_of(rita, rita.today).route) == 2


def test_the_map_draws_the_stops_in_order_and_nothing_of_others(as_user, rita, sam, visit):
    visit(rita, "Mine", MIDDLE)
    visit(sam, "Sams", MIDDLE)
    drawn = json.loads(as_user(rita).get("/").context["visits"].map)
    assert [(stop["name"], stop["number"]) for stop in drawn["stops"]] == [("Mine", 1)]


def test_the_accounts_around_the_way_are_my_own(as_user, rita, tom, visit):
    mine, _theirs = visit(rita, "Mine", MIDDLE), visit(tom, "Toms", MIDDLE)
    browser = as_user(rita)
    found = browser.get("/today/nearby/?box=42,-72,43,-71").json()["accounts"]
    assert [each["url"] for each in found] == [mine.account.get_absolute_url()]
    for box in ("", "1,2,3", "a,b,c,d", "nan,nan,nan,nan", "1e999,0,0,0", "43,-71,42,-72"):
        assert browser.get("/today/nearby/", {"box": box}).json() == {"accounts": []}


def test_nobody_is_offered_a_call_to_who_does_not_want_one(as_user, rita, visit):
    planned = visit(rita, "Quiet", MIDDLE)
    silent = Contact.objects.create(account=planned.account, name="Silent", phone="+1 555 0100", do_not_contact=True)
    Activity.objects.filter(pk=planned.pk).update(contact=silent)
    assert "tel:" not in page_of(as_user(rita))
    Contact.objects.create(account=planned.account, name="Open", phone="+1 555 0199")
    assert "Call Open" in page_of(as_user(rita))


def test_open_deals_and_the_last_visit_stand_beside_each_visit(as_user, rita, visit, deal_of):
    account = visit(rita, "Known", MIDDLE).account
    deal_of(rita, account, amount=42_000, stage="Engaging")
    Activity.objects.create(account=account, user=rita, kind="visit", done_at=timezone.now() - timedelta(days=41))
    page = page_of(as_user(rita))
    assert "last seen 41 days ago" in page
    assert "Engaging" in page[page.index("Known") :]


def test_what_others_changed_is_said_in_words(as_user, rita, mia, deal_of, stages, acting_as):
    with acting_as(rita):
        deal = deal_of(rita, name="Big deal", amount=1000)
    with acting_as(mia):
        Deal.objects.filter(pk=deal.pk).update(
            amount=2000, stage=stages["Engaging"], close_date=deal.close_date + timedelta(days=14)
        )
    page = page_of(as_user(rita))
    assert "Prospecting → Engaging" in page
    assert "amount 1,000 → 2,000 USD" in page
    assert "pushed by 14 days" in page
    assert "Mia" in page


def test_my_own_change_in_between_is_not_told_as_a_colleagues(as_user, rita, mia, deal_of, acting_as):
    with acting_as(rita):
        deal = deal_of(rita, amount=1000)
        Deal.objects.filter(pk=deal.pk).update(amount=3000)
    with acting_as(mia):
        Deal.objects.filter(pk=deal.pk).update(amount=4000)
    page = page_of(as_user(rita))
    assert "amount 3,000 → 4,000 USD" in page
    assert "1,000 →" not in page
