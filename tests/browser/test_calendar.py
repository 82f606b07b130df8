"""The calendar in a real browser: dragged to another hour and day, by keys, refused, and as a list on a phone."""

from datetime import date, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.services import move_activity, plan_activity

from .looking import assert_accessible

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = date(2030, 3, 4)


@pytest.fixture
def visit(rita, account_of):
    return plan_activity(account=account_of(rita, "Acme"), kind="visit", due_on=MONDAY, at=time(9), minutes=60, actor=rita)


@pytest.fixture
def week(page, sign_in, rita, visit):
    sign_in(rita)(f"/accounts/calendar/?day={MONDAY}")
    expect(page.locator(".calendar.is-placed")).to_be_visible()
    return page


def item(page, visit):
    return page.locator(f"#activity-{visit.pk}")


def day(page, after):
    return page.locator(f"[data-day='{MONDAY + timedelta(days=after)}']")


def stored(visit):
    visit.refresh_from_db()
    return visit.due_on, visit.starts_at and timezone.localtime(visit.starts_at).time()


def drag(page, visit, days, hours):
    """By so many days to the right and hours down; each hour is 44 pixels high."""
    start = item(page, visit).bounding_box()
    width = day(page, 1).bounding_box()["x"] - day(page, 0).bounding_box()["x"]
    x, y = start["x"] + 20, start["y"] + 10
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y + 5, steps=2)
    page.mouse.move(x + days * width, y + hours * 44, steps=8)
    page.mouse.up()


def test_a_visit_is_dragged_to_another_day_and_hour_and_taken_back_from_the_toast(week, visit):
    drag(week, visit, 2, 3)
    expect(week.locator(".toast-item")).to_contain_text("12:00")
    expect(day(week, 2).locator(f"#activity-{visit.pk} .cal-clock")).to_have_text("12:00")
    assert stored(visit) == (MONDAY + timedelta(days=2), time(12))
    week.locator(".toast-item .btn-undo").click()
    expect(day(week, 0).locator(f"#activity-{visit.pk}")).to_be_visible()
    assert stored(visit) == (MONDAY, time(9))


def test_a_visit_dragged_to_the_top_is_for_the_day_alone(week, visit):
    drag(week, visit, 1, -3)
    expect(day(week, 1).locator(f"[data-all-day] #activity-{visit.pk}")).to_be_visible()
    expect(week.locator(".toast-item")).to_contain_text("all day")
    assert stored(visit) == (MONDAY + timedelta(days=1), None)


def test_arrow_keys_move_by_a_quarter_of_an_hour_and_by_a_day(week, visit):
    item(week, visit).locator("a").focus()
    week.keyboard.press("ArrowDown")
    week.keyboard.press("ArrowDown")  # at once: a key pressed while the first is on its way is not lost
    week.keyboard.press("ArrowRight")
    expect(day(week, 1).locator(f"#activity-{visit.pk} .cal-clock")).to_have_text("09:30")
    expect(week.locator(".toast-item")).to_have_count(3)
    expect(item(week, visit).locator("a")).to_be_focused()
    assert stored(visit) == (MONDAY + timedelta(days=1), time(9, 30))
    week.keyboard.press("a")
    expect(day(week, 1).locator(f"[data-all-day] #activity-{visit.pk}")).to_be_visible()
    expect(week.locator(".toast-item")).to_have_count(4)
    assert stored(visit) == (MONDAY + timedelta(days=1), None)


def test_what_somebody_else_moved_meanwhile_is_shown_where_it_is_now(week, visit, sam):
    move_activity(activity=visit, day=MONDAY + timedelta(days=3), at=time(15), actor=sam)
    drag(week, visit, 1, 1)
    expect(week.locator(".toast-item[data-level=error]")).to_contain_text("meanwhile")
    expect(day(week, 3).locator(f"#activity-{visit.pk} .cal-clock")).to_have_text("15:00")
    assert stored(visit) == (MONDAY + timedelta(days=3), time(15))


def test_a_click_opens_the_visit_and_a_free_hour_plans_one(week, visit):
    item(week, visit).click()
    expect(week).to_have_url(f"{week.url.split('/accounts')[0]}/accounts/activities/{visit.pk}/")
    assert_accessible(week)
    week.go_back()
    box = day(week, 4).locator("[data-hours]").bounding_box()
    week.mouse.click(box["x"] + 30, box["y"] + 3 * 44 + 14)
    expect(week.get_by_label("Time")).to_have_value("10:00")
    expect(week.get_by_label("Day")).to_have_value(str(MONDAY + timedelta(days=4)))
