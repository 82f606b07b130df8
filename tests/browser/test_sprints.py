"""A week in a browser: committed on a phone, done by a visit that is logged, seen in the team call, closed."""

import pytest
from playwright.sync_api import expect

from accounts.services import plan_activity
from pipeline.models import Sprint

from .looking import assert_accessible, assert_fits

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_week_is_committed_done_seen_and_closed(page, sign_in, rita, mia, account_of, deal_of):
    day = rita.today
    plan_activity(account=account_of(rita, "Acme"), kind="visit", due_on=day, actor=rita)
    deal_of(rita, account=account_of(rita, "Beta"), name="Beta line", next_step="Send the offer", next_step_on=day)
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(rita)("/sprints/plan/")
    expect(page.get_by_label("Acme")).to_be_checked()  # it stands in the calendar of the week
    expect(page.get_by_text("Ticked: 2")).to_be_visible()
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("button", name="Commit").click()
    expect(page.get_by_text("0 of 2 done")).to_be_visible()
    assert_fits(page)

    page.get_by_role("link", name="Log it: Acme").click()
    page.get_by_label("Went well").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toast-item").first).to_be_visible()
    sign_in(mia)("/review/sprints/")
    expect(page.get_by_role("link", name="1 done, Rita")).to_be_visible()
    assert_fits(page)
    page.get_by_role("link", name="2 committed, Rita").click()
    expect(page.get_by_text("1 of 2 done")).to_be_visible()

    sign_in(rita)("/sprints/")
    page.get_by_role("link", name="Close the week…").click()
    page.get_by_label("Why", exact=True).select_option("No time")
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("button", name="Close the week").click()
    expect(page.get_by_text("1 done, 1 carried over, 0 dropped").first).to_be_visible()
    carried = Sprint.objects.get(user=rita, closed_at=None).items.get()
    assert (carried.deal.name, carried.times_carried) == ("Beta line", 1)
