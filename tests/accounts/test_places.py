"""Where accounts are, when they are open, and where one's days begin: typed in many ways, kept in one."""

import pytest

from accounts.models import FieldDay
from accounts.positions import read_position


@pytest.mark.parametrize(
    "typed",
    [
        "48.2082, 16.3738",
        "48.2082 16.3738",
        "geo:48.2082,16.3738?z=17",
        "https://www.google.com/maps/place/Rathaus/@48.2082,16.3738,17z/data=!3m1",
        "https://www.openstreetmap.org/#map=17/48.2082/16.3738",
        "https://www.openstreetmap.org/?mlat=48.2082&mlon=16.3738",
        "https://maps.apple.com/?ll=48.2082%2C16.3738",
    ],
)
def test_a_position_is_read_from_what_people_have_at_hand(typed):
    assert read_position(typed) == (48.2082, 16.3738)


@pytest.mark.parametrize("typed", ["", "Vienna", "48, 16", "98.5, 10.5", "48.2, 190.5"])
def test_what_is_no_position_is_none(typed):
    assert read_position(typed) is None


def test_a_place_and_hours_are_saved_in_one_notation(as_user, rita, account_of):
    account = account_of(rita)
    typed = {"position": "geo:42.36,-71.06", "opening_hours": "mo-fr 8-17", "visit_minutes": "45", "version": account.version}
    assert as_user(rita).post(f"/accounts/{account.pk}/place/", typed).status_code == 302
    account.refresh_from_db()
    assert (account.latitude, account.longitude, account.visit_minutes) == (42.36, -71.06, 45)
    assert account.opening_hours == "Mo-Fr 08:00-17:00"


def test_hours_that_cannot_be_read_are_refused_with_the_part_that_is_wrong(as_user, rita, account_of):
    account = account_of(rita)
    answer = as_user(rita).post(f"/accounts/{account.pk}/place/", {"opening_hours": "Mo-Fr 8-17; Sa noon", "version": 1})
    assert answer.status_code == 422
    assert "“Sa noon” cannot be read" in answer.content.decode()


def test_two_who_save_a_place_at_once_both_see_it(as_user, rita, account_of):
    account = account_of(rita)
    browser = as_user(rita)
    browser.post(f"/accounts/{account.pk}/place/", {"opening_hours": "8-17", "version": account.version})
    answer = browser.post(f"/accounts/{account.pk}/place/", {"opening_hours": "9-16", "version": account.version})
    assert answer.status_code == 422
    assert "meanwhile" in answer.content.decode()


DAY = {"begins": "08:00", "ends": "17:00", "visit_minutes": "30", "speed": "45", "road_factor": "1.3"}


def test_a_day_ends_where_it_begins_unless_said_otherwise(as_user, rita):
    as_user(rita).post("/accounts/my-days/", DAY | {"start_name": "Home", "start": "42.36, -71.06"})
    day = FieldDay.objects.get(user=rita)
    assert day.start == day.end
    assert (day.start_name, day.end_name) == ("Home", "Home")


def test_a_day_may_begin_at_an_account(as_user, rita, account_of):
    office = account_of(rita, "Head office")
    browser = as_user(rita)
    answer = browser.post("/accounts/my-days/", DAY | {"start_account": office.pk})
    assert "Nobody knows yet where Head office is." in answer.content.decode()
    office.latitude, office.longitude = 42.36, -71.06
    office.save()
    browser.post("/accounts/my-days/", DAY | {"start_account": office.pk})
    day = FieldDay.objects.get(user=rita)
    assert (day.start_name, day.start.latitude) == ("Head office", 42.36)


def test_a_day_cannot_end_before_it_begins(as_user, rita):
    answer = as_user(rita).post("/accounts/my-days/", DAY | {"ends": "07:00"})
    assert answer.status_code == 422
    assert "The day must end after it begins." in answer.content.decode()


def test_where_a_person_lives_is_nobody_elses_business(as_user, rita, mia):
    FieldDay.objects.create(user=rita, start_name="Home", start_latitude=42.36, start_longitude=-71.06)
    assert list(FieldDay.objects.visible_to(mia)) == []
    assert "42.36" not in as_user(mia).get("/accounts/my-days/").content.decode()
