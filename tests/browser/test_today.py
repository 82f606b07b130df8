"""A rep's morning on a phone: the way in order, the map, the brief, and a visit logged."""

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from accounts.models import Account, Activity, FieldDay

from .looking import assert_accessible, assert_fits

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def visits(rita, account_of):
    """Three visits north of home, planned from the farthest to the nearest, and one that is shut."""
    cache.clear()
    FieldDay.objects.create(user=rita, start_name="Home", start_latitude=42.3, start_longitude=-71.06)
    for name, latitude, hours in (
        ("Farthest", 42.5, ""),
        ("Middle", 42.4, ""),
        ("Nearest", 42.35, ""),
        ("Shut", 42.36, "Mo-Su off"),
    ):
        account = account_of(rita, name)
        Account.objects.filter(pk=account.pk).update(latitude=latitude, longitude=-70.9 if hours else -71.06, opening_hours=hours)
        Activity.objects.create(account=account, user=rita, kind="visit", due_on=rita.today)


@pytest.fixture
def phone(page, sign_in, rita, visits):
    page.set_viewport_size(PHONE)
    sign_in(rita)("/")
    return page


def names(page):
    return page.locator(".visit-name a").all_inner_texts()


def test_a_morning_the_way_the_brief_and_a_visit_logged(phone, rita):
    assert names(phone) == ["Nearest", "Middle", "Farthest", "Shut"]
    expect(phone.locator(".visit").last).to_contain_text("Shut is closed today.")
    phone.get_by_role("link", name="Nearest", exact=True).click()
    expect(phone.get_by_role("heading", name="Brief: Nearest")).to_be_visible()
    phone.go_back()
    phone.get_by_role("link", name="Log it: Nearest").click()
    phone.get_by_label("Went well").check()
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator(".toast-item")).to_contain_text("Visit")
    phone.goto(phone.url.partition("/accounts/")[0])
    assert names(phone) == ["Middle", "Farthest", "Shut"]
    expect(phone.locator(".visits-done")).to_contain_text("Nearest")
    assert Activity.objects.get(account__name="Nearest").outcome == "well"


def test_the_map_is_drawn_from_our_own_server_when_it_comes_into_view(phone):
    outside = []
    phone.on("request", lambda request: outside.append(request.url) if "localhost" not in request.url else None)
    expect(phone.locator("[data-drawn]")).to_be_visible()
    marks = phone.locator(".map-stop")
    expect(marks).to_have_count(4)
    assert sorted(marks.all_inner_texts()) == ["!", "1", "2", "3"]
    marks.filter(has_text="2").focus()
    phone.keyboard.press("Enter")
    expect(phone.locator("[data-stop='2'] .visit-name a")).to_be_focused()
    phone.get_by_role("button", name="Larger map").click()
    expect(phone.get_by_role("button", name="Smaller map")).to_be_visible()
    assert outside == []
    assert_fits(phone)
    assert_accessible(phone)


def test_on_a_desk_the_brief_opens_beside_the_list(phone):
    phone.set_viewport_size({"width": 1280, "height": 860})
    phone.get_by_role("link", name="Middle", exact=True).click()
    expect(phone.locator("#panel-body")).to_contain_text("Brief: Middle")
    assert phone.url.endswith("/")
    assert_accessible(phone)


def test_where_i_stand_goes_into_the_form(phone, rita):
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation({"latitude": 42.3601, "longitude": -71.0589})
    phone.get_by_role("link", name="My days in the field").click()
    phone.get_by_role("button", name="I am here").first.click()
    expect(phone.get_by_label("Position of the start")).to_have_value("42.36010, -71.05890")
    assert_accessible(phone)
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator(".visit")).to_have_count(4)
    assert FieldDay.objects.get(user=rita).start_latitude == 42.3601
