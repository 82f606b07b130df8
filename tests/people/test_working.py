"""When people work: own hours and everybody's, absences, and who stands in."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from salesorg.lib.errors import DomainError
from salesorg.lib.working_time import due
from salesorg.people.models import Absence, PublicHoliday
from salesorg.people.services.working import add_absence, cancel_absence, change_absence, set_public_holidays, set_working_week
from salesorg.people.working import calendar_of, calendars_of, is_away, stand_in_of, usual_calendar

MONDAY = date(2026, 3, 2)
AT_NINE = datetime.fromisoformat("2026-03-02T09:00+00:00")
MORNINGS = ((time(8), time(12)), None, None, None, None, None, None)


def days(number):
    return timedelta(days=number)


def test_own_hours_come_before_everybodys_and_those_before_nine_to_five(rita, sam, ada):
    assert due(calendar_of(rita), AT_NINE, timedelta(hours=8)) == AT_NINE + timedelta(hours=8)
    set_working_week(user=None, hours=((time(9), time(11)),) * 7, actor=ada)
    set_working_week(user=sam, hours=MORNINGS, actor=sam)
    assert due(calendar_of(rita), AT_NINE, timedelta(hours=4)) == AT_NINE + timedelta(days=1, hours=2)
    assert due(calendar_of(sam), AT_NINE, timedelta(hours=4)) == AT_NINE + timedelta(days=7)
    set_working_week(user=sam, hours=None, actor=sam)
    assert calendar_of(sam) == calendar_of(rita)
    with pytest.raises(DomainError, match="at least one day"):
        set_working_week(user=sam, hours=(None,) * 7, actor=sam)


def test_hours_are_those_of_the_clock_where_somebody_lives(rita):
    rita.time_zone = "America/New_York"
    assert due(calendar_of(rita), AT_NINE, timedelta(hours=1)) == AT_NINE + timedelta(hours=6)


def test_the_calendars_of_a_team_take_three_queries(rita, sam, mia, django_assert_num_queries):
    for person in (rita, sam, mia):
        add_absence(person=person, first_day=MONDAY, last_day=MONDAY + days(1), actor=mia)
    with django_assert_num_queries(3):
        found = calendars_of([rita, sam, mia])
    assert found[rita.pk].away == {MONDAY, MONDAY + days(1)}
    assert calendars_of([rita], since=MONDAY + days(2))[rita.pk].away == set()


def test_no_clock_runs_on_a_public_holiday(rita, ada):
    set_public_holidays(holidays={MONDAY: "Founders' day"}, actor=ada)
    for calendar in (calendar_of(rita), usual_calendar()):
        assert due(calendar, AT_NINE, timedelta(hours=1)) == AT_NINE + timedelta(days=1, hours=1)
    assert calendars_of([rita], since=MONDAY + days(1))[rita.pk].holidays == frozenset()
    assert not is_away(rita, MONDAY), "nobody needs to stand in"


def test_public_holidays_are_kept_as_a_list_in_the_settings(as_user, ada):
    page, week = reverse("people:usual_week"), {"opens_0": "09:00", "closes_0": "17:00"}
    client = as_user(ada)
    client.post(page, week | {"holidays": "2026-12-25 Christmas Day\n\n2026-03-02  Founders' day"})
    assert [str(each) for each in PublicHoliday.objects.all()] == ["2026-03-02 Founders' day", "2026-12-25 Christmas Day"]
    assert "2026-12-25 Christmas Day" in client.get(page).content.decode()
    for wrong, words in (("25.12.2026 X", "Line 1 does not begin"), ("2026-12-25", "a name"), ("1900-01-01 X", "2000 and 2100")):
        refused = client.post(page, week | {"holidays": wrong})
        assert refused.status_code == 422 and words in refused.content.decode()
    assert PublicHoliday.objects.count() == 2
    client.post(page, week | {"holidays": "2026-12-25 Christmas"})
    assert [str(each) for each in PublicHoliday.objects.all()] == ["2026-12-25 Christmas"]


def test_who_stands_in_for_a_stand_in_who_is_away_too(rita, sam, sol, mia):
    add_absence(person=rita, first_day=MONDAY, last_day=MONDAY + days(4), stand_in=sam, actor=rita)
    assert (is_away(rita, MONDAY), is_away(rita, MONDAY + days(5))) == (True, False)
    assert (stand_in_of(rita, MONDAY), stand_in_of(rita, MONDAY + days(5))) == (sam, None)
    away = add_absence(person=sam, first_day=MONDAY, last_day=MONDAY, stand_in=sol, actor=sam)
    assert stand_in_of(rita, MONDAY) == sol
    change_absence(absence=away, first_day=MONDAY, last_day=MONDAY, stand_in=rita, actor=sam)
    assert stand_in_of(rita, MONDAY) is None, "they would stand in for each other"
    cancel_absence(absence=away, actor=sam)
    sam.is_active = False
    sam.save()
    assert stand_in_of(rita, MONDAY) is None, "sam has left"


def test_nobody_is_away_twice_backwards_for_ever_or_in_the_care_of_themselves(rita, sam, gone):
    add_absence(person=rita, first_day=MONDAY, last_day=MONDAY + days(4), actor=rita)
    facts = {"person": rita, "actor": rita, "first_day": MONDAY + days(10), "last_day": MONDAY + days(11)}
    for change, words in (
        ({"first_day": MONDAY + days(4)}, "already away"),
        ({"last_day": MONDAY}, "before the first day"),
        ({"last_day": MONDAY + days(9999)}, "two years"),
        ({"stand_in": rita}, "for themselves"),
        ({"stand_in": gone}, "no longer works here"),
    ):
        with pytest.raises(DomainError, match=words):
            add_absence(**facts | change)
    with pytest.raises(IntegrityError, match="absence_no_overlap"), transaction.atomic():
        Absence.objects.create(user=rita, during=DateRange(MONDAY, MONDAY + days(1)))


def test_rita_says_when_she_is_away_and_mia_sees_why_and_tom_only_that(rita, mia, tom, sam, as_user):
    facts = {"first_day": rita.today, "last_day": rita.today + days(2), "stand_in": sam.pk, "reason": "illness"}
    assert as_user(rita).post(reverse("people:absence_new", args=[rita.pk]), facts).status_code == 302
    assert "Illness" in as_user(mia).get(reverse("people:absence_list")).content.decode()
    assert "Illness" not in as_user(tom).get(reverse("people:absence_list")).content.decode()
    page = as_user(tom).get(rita.get_absolute_url()).content.decode()
    assert "Sam stands in" in page
    assert "Illness" not in page
    absence = Absence.objects.get()
    assert as_user(tom).post(reverse("people:absence_cancel", args=[absence.pk])).status_code == 404
    refused = as_user(rita).post(reverse("people:absence_new", args=[rita.pk]), facts)
    assert "already away" in refused.content.decode()


def test_a_week_is_typed_day_by_day_and_what_makes_no_sense_is_named_at_its_day(rita, as_user):
    url = reverse("people:working_week", args=[rita.pk])
    refused = as_user(rita).post(url, {"opens_0": "09:00", "closes_1": "17:00", "opens_2": "17:00", "closes_2": "09:00"})
    assert refused.context["form"].errors.keys() == {"closes_0", "opens_1", "closes_2"}
    assert as_user(rita).post(url, {"opens_0": "20:00", "closes_0": "00:00"}).status_code == 302
    assert calendar_of(rita).week.hours == ((time(20), time(0)), *[None] * 6)
    assert as_user(rita).post(url, {"usual": "1"}).status_code == 302
    assert calendar_of(rita).week.hours[1] == (time(9), time(17))
