"""A Monday pipeline review in a real browser: from what changed to the deal that needs help, to the call, to last Monday."""

from datetime import timedelta

import pytest
from django.db import transaction
from playwright.sync_api import expect

from pipeline.services import change_deal
from tests.pipeline.test_versions import at, effective_at

from .looking import assert_accessible

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def week(rita, sam, deal_of):
    """Before last Monday two deals, of 5,000 and 2,000; since then one has shrunk, and the other's date has passed."""
    today = rita.today
    with transaction.atomic():
        effective_at(at(today - timedelta(days=20)))
        late = deal_of(rita, name="Late deal", amount=5000, close_date=today - timedelta(days=1), forecast_category="commit")
        shrunk = deal_of(sam, name="Shrunk deal", amount=2000, close_date=today)
        effective_at(None)
    change_deal(deal=shrunk, amount=1500, actor=sam)
    return late


def test_a_monday_pipeline_review(page, sign_in, mia, rita, week):
    sign_in(mia)("/review/")
    expect(page.get_by_role("heading", name="What changed since")).to_be_visible()
    expect(page.locator(".fall .rate-row", has_text="Shrunk")).to_contain_text("500")
    expect(page.get_by_text("Open pipeline by person and stage")).to_be_visible()
    assert_accessible(page)

    page.locator(".needs").get_by_role("link", name="Late deal").click()
    expect(page.get_by_role("heading", name="Late deal")).to_be_visible()
    page.go_back()
    expect(page.locator(".needs")).to_contain_text("Close date passed 1 day ago")

    page.get_by_role("link", name="Make your call").first.click()
    page.get_by_label("Commit").fill("6000")
    page.get_by_label("Best case").fill("7000")
    assert_accessible(page)
    page.get_by_role("button", name="Keep the call").dblclick()
    expect(page.get_by_role("heading", name="Pipeline review")).to_be_visible()
    expect(page.locator(".facts", has_text="Commit called")).to_contain_text("6,000")
    assert mia.forecast_calls.count() == 1

    page.get_by_role("link", name="The review as of").click()
    expect(page.locator(".filter-words", has_text="as of the end of")).to_be_visible()
    expect(page.get_by_text("Who needs help is asked of today.")).to_be_visible()
    expect(page.locator(".figure").first).to_contain_text("7,000")
