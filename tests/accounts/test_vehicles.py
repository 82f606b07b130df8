"""The vehicle log: visits proposed as trips, months closed, corrections seen, read by its driver and finance alone."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from accounts.models import Account, Activity, FieldDay, Trip, VehicleMonth
from accounts.services import log_activity
from accounts.services.vehicles import (
    accept_trip,
    add_trip,
    change_trip,
    close_month,
    give_back_month,
    reopen_month,
    strike_trip,
    take_over_month,
)
from accounts.trips import proposals
from salesorg.audit.services import undo
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError
from salesorg.lib.periods import month_of

MARCH = date(2026, 3, 1)
LOG = "/accounts/vehicle/"


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(datetime(2026, 4, 2, 12, tzinfo=ZoneInfo("UTC")), tick=True):
        yield


@pytest.fixture
def trip_of():
    def make(user, on=date(2026, 3, 10), kilometres="42.5", **more):
        return add_trip(on=on, origin="Office", destination="Acme", kilometres=Decimal(kilometres), actor=user, **more)

    return make


@pytest.fixture
def visited(rita, account_of):
    """Rita visited Acme and Beta on the tenth of March, from an office in Berlin."""
    FieldDay.objects.create(user=rita, start_name="Office", start_latitude=52.5163, start_longitude=13.3777)
    places = {"Acme": (52.52, 13.405), "Beta": (52.40, 13.06)}
    for hour, (name, (latitude, longitude)) in enumerate(places.items(), 9):
        account = account_of(rita, name)
        Account.objects.filter(pk=account.pk).update(latitude=latitude, longitude=longitude)
        log_activity(account=account, kind="visit", actor=rita, done_at=datetime(2026, 3, 10, hour, tzinfo=ZoneInfo("UTC")))


def test_the_visits_of_a_day_are_proposed_as_trips_there_and_back(rita, visited):
    found = proposals(rita, month_of(MARCH))
    assert [(each.origin, each.destination) for each in found] == [("Office", "Acme"), ("Acme", "Beta"), ("Beta", "Office")]
    assert Decimal("2.2") < found[0].kilometres < Decimal("2.7")  # 1.9 km in a straight line, times 1.3
    assert sum(each.kilometres for each in found) > 60


def test_one_tap_enters_a_proposed_trip_and_a_second_adds_nothing(rita, visited, as_user):
    client, keys = as_user(rita), [each.key for each in proposals(rita, month_of(MARCH))]
    for key in (*keys, *keys):
        assert client.post(f"{LOG}trips/accept/?month=2026-03", {"key": key}).status_code == 302
    assert Trip.objects.count() == 3 and proposals(rita, month_of(MARCH)) == []
    assert "Acme" in client.get(f"{LOG}?month=2026-03").text


def test_all_trips_of_a_month_are_entered_in_one_tap_and_a_second_adds_nothing(rita, visited, as_user):
    client = as_user(rita)
    assert "Enter all 3" in client.get(f"{LOG}?month=2026-03").text
    for _each in range(2):
        assert client.post(f"{LOG}trips/accept-all/?month=2026-03").status_code == 302
    assert Trip.objects.count() == 3 and proposals(rita, month_of(MARCH)) == []


def test_kilometres_typed_on_the_visit_or_the_proposal_win(rita, visited, as_user):
    visit = rita.activities.get(account__name="Acme")
    type(visit).objects.filter(pk=visit.pk).update(kilometres="7.5")
    first, second, _back = proposals(rita, month_of(MARCH))
    assert first.kilometres == Decimal("7.5")
    as_user(rita).post(f"{LOG}trips/accept/?month=2026-03", {"key": second.key, "kilometres": "31"})
    assert Trip.objects.get().kilometres == 31


def test_a_way_of_unknown_length_asks_for_its_kilometres(rita, account_of, as_user):
    visit = log_activity(account=account_of(rita), kind="visit", actor=rita)
    answer = as_user(rita).post(f"{LOG}trips/accept/", {"key": visit.pk})
    assert answer.status_code == 422 and "how many kilometres" in answer.text


def test_a_closed_month_is_corrected_only_with_a_reason_that_the_export_shows(rita, trip_of, as_user):
    trip = trip_of(rita)
    close_month(start=MARCH, actor=rita)
    facts = {"on": trip.on, "origin": "Office", "destination": "Acme", "kilometres": Decimal(40)}
    with pytest.raises(DomainError, match="March 2026 is closed"):
        change_trip(trip=trip, actor=rita, **facts)
    with pytest.raises(DomainError, match="March 2026 is closed"):
        trip_of(rita)
    with pytest.raises(DomainError, match="March 2026 is closed"):
        change_trip(trip=trip_of(rita, on=date(2026, 4, 1)), actor=rita, **facts)
    change_trip(trip=trip, actor=rita, correction="read the odometer again", **facts)
    export = b"".join(as_user(rita).get(f"{LOG}export/?month=2026-03").streaming_content).decode()
    assert "40" in export and "read the odometer again" in export


def test_a_trip_struck_out_of_a_closed_month_stays_to_be_read(rita, trip_of, as_user):
    trip = trip_of(rita)
    close_month(start=MARCH, actor=rita)
    with pytest.raises(DomainError, match="Say why"):
        strike_trip(trip=trip, actor=rita)
    strike_trip(trip=trip, actor=rita, correction="entered twice")
    page = as_user(rita).get(f"{LOG}?month=2026-03")
    assert "entered twice" in page.text and page.context["sums"]["all"] == 0


def test_a_trip_of_an_open_month_is_deleted_and_comes_back_by_undo(rita, trip_of, as_user):
    trip, client = trip_of(rita), as_user(rita)
    answer = client.post(reverse("accounts:trip_strike", args=[trip.pk]), follow=True)
    assert not Trip.objects.exists()
    client.post(str(next(iter(answer.context["messages"])).extra_tags).split()[0])
    assert Trip.objects.get().kilometres == Decimal("42.5")


def test_a_month_that_is_not_over_is_not_closed(rita):
    with pytest.raises(DomainError, match="when it is over"):
        close_month(start=date(2026, 4, 1), actor=rita)
    assert close_month(start=MARCH, actor=rita) == close_month(start=MARCH, actor=rita)
    assert VehicleMonth.objects.count() == 1


def test_nothing_is_entered_before_it_was_driven(rita, trip_of):
    with pytest.raises(DomainError, match="when it was driven"):
        trip_of(rita, on=rita.today + timedelta(days=1))


def test_the_excel_file_has_the_totals_by_kind(rita, trip_of, as_user):
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    trip_of(rita)
    trip_of(rita, kilometres="7.5", kind="private")
    content = as_user(rita).get(f"{LOG}export/?month=2026-03&format=xlsx").content
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))
    assert rows[0][4:7] == ("Business km", "Home to work km", "Private km")
    assert rows[-1][0] == "Total" and rows[-1][4:7] == (42.5, 0, 7.5)


def test_a_log_is_read_by_its_driver_and_finance_and_by_nobody_else(rita, sam, mia, fay, trip_of, as_user):
    trip_of(rita)
    address = f"{LOG}?month=2026-03&user={rita.pk}"
    assert [as_user(reader).get(address).status_code for reader in (rita, fay, mia, sam)] == [200, 200, 404, 404]
    page = as_user(fay).get(address).text
    assert "Acme" in page and "Enter a trip" not in page
    assert as_user(mia).get(f"{LOG}export/?month=2026-03&user={rita.pk}").status_code == 404


def test_a_trip_is_corrected_on_its_page(rita, trip_of, as_user):
    trip = trip_of(rita)
    typed = {"on": "2026-03-11", "origin": "Home", "destination": "Acme", "kind": "commute", "kilometres": "12", "version": 1}
    assert as_user(rita).post(trip.get_absolute_url(), typed).status_code == 302
    trip.refresh_from_db()
    assert (trip.on, trip.kind, trip.kilometres) == (date(2026, 3, 11), "commute", 12)


def test_nothing_gets_into_a_closed_month_or_out_of_it_by_undo(rita, trip_of):
    with acting(rita, "test") as entered:
        trip = trip_of(rita)
    other = trip_of(rita, kilometres="8")
    with acting(rita, "test") as taken_away:
        strike_trip(trip=other, actor=rita)
    close_month(start=MARCH, actor=rita)
    for click in (entered, taken_away):
        with pytest.raises(DomainError, match="closed month"):
            undo(context=click.context, actor=rita)
    assert Trip.objects.get() == trip


def test_a_visit_taken_back_leaves_the_trip_of_a_closed_month(rita, visited):
    visit = rita.activities.get(account__name="Acme")
    trip = accept_trip(month=month_of(MARCH), key=str(visit.pk), actor=rita)
    close_month(start=MARCH, actor=rita)
    visit.delete()
    trip.refresh_from_db()
    assert trip.destination == "Acme" and trip.activity is None


def test_a_month_that_finance_took_over_is_opened_again_only_after_finance_gave_it_back(rita, fay, trip_of, as_user):
    trip_of(rita)
    with acting(rita, "close") as closing:
        month = close_month(start=MARCH, actor=rita)
    client = as_user(fay)
    assert "To take over" in client.get(f"{LOG}drivers/?month=2026-03&state=closed").text
    assert client.post(reverse("accounts:vehicle_take_over", args=[month.pk])).status_code == 302
    with pytest.raises(DomainError, match="Finance has taken March 2026 over"):
        reopen_month(start=MARCH, actor=rita)
    with pytest.raises(DomainError, match="changed again by Fay"):
        undo(context=closing.context, actor=rita)
    assert "Only finance can give it back" in as_user(rita).get(f"{LOG}?month=2026-03").text
    with pytest.raises(DomainError, match="Say why"):
        give_back_month(month=month, reason="", actor=fay)
    as_user(fay).post(reverse("accounts:vehicle_give_back", args=[month.pk]), {"reason": "The tenth is missing"})
    client = as_user(rita)
    assert "The tenth is missing" in client.get(f"{LOG}?month=2026-03").text
    assert client.post(f"{LOG}reopen/?month=2026-03").status_code == 302
    assert not VehicleMonth.objects.exists()
    with pytest.raises(DomainError, match="opened this month again"):
        take_over_month(month=month, actor=fay)


def test_the_same_trip_typed_in_two_tabs_is_asked_about_and_stored_once(rita, as_user):
    typed = {"on": "2026-03-11", "origin": "Home", "destination": "Acme", "kind": "business", "kilometres": "12"}
    client = as_user(rita)
    assert client.post(f"{LOG}trips/new/", typed).status_code == 302
    second = client.post(f"{LOG}trips/new/", typed | {"destination": "acme"})
    assert second.status_code == 422 and "is in the log already" in second.text and Trip.objects.count() == 1
    assert 'name="again"' in second.text and 'name="again"' not in client.get(f"{LOG}trips/new/").text
    assert client.post(f"{LOG}trips/new/", typed | {"again": "on"}).status_code == 302
    assert Trip.objects.count() == 2


def test_a_long_month_is_read_page_by_page_and_every_visit_of_it_is_proposed(rita, account_of, as_user):
    account = account_of(rita)
    at = datetime(2026, 3, 10, 9, tzinfo=ZoneInfo("UTC"))
    made = Activity.objects.bulk_create(
        Activity(account=account, user=rita, kind="visit", done_at=at + timedelta(minutes=i), client_id=uuid4())
        for i in range(120)
    )
    facts = {"user": rita, "origin": "Office", "destination": "Acme", "kilometres": 1}
    Trip.objects.bulk_create(Trip(on=date(2026, 3, 10), activity=visit, **facts) for visit in made[:110])
    page = as_user(rita).get(f"{LOG}?month=2026-03")
    assert len(page.context["page"].rows) == 100 and page.context["sums"]["all"] == 110 and page.context["total"] == 110
    assert [each.activity for each in page.context["proposed"][:10]] == made[110:]
    following = as_user(rita).get(f"{LOG}?month=2026-03&after={page.context['page'].after}")
    assert len(following.context["page"].rows) == 10


def test_finance_reads_the_logs_of_a_month_in_one_list(rita, sam, fay, trip_of, as_user):
    trip_of(rita)
    trip_of(sam, kilometres="7", kind="private")
    close_month(start=MARCH, actor=sam)
    rows = as_user(fay).get(f"{LOG}?month=2026-03").context["rows"]
    assert [(driver, sums["business_km"], sums["private_km"], closed is not None) for driver, sums, closed in rows] == [
        (rita, Decimal("42.5"), 0, False),
        (sam, 0, 7, True),
    ]
    assert [driver for driver, *_rest in as_user(fay).get(f"{LOG}drivers/?month=2026-03&state=open").context["rows"]] == [rita]


@pytest.mark.django_db(transaction=True)
def test_the_way_back_tapped_four_times_at_once_is_one_trip(rita, visited):
    start = Barrier(4)

    def tap(_number):
        try:
            start.wait(timeout=10)
            return accept_trip(month=month_of(MARCH), key="back 2026-03-10", kilometres=Decimal(20), actor=rita)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len([trip for trip in pool.map(tap, range(4)) if trip]) == 1
    assert Trip.objects.count() == 1
