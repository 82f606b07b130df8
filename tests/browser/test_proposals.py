"""A proposal from its first line to the deal that is won: written on a phone, approved by a leader, accepted by the customer."""

import re
from datetime import date

import pytest
import redis
from django.conf import settings as conf
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from playwright.sync_api import expect

from pipeline.forms import public
from pipeline.models import DiscountLimit, Price, PriceList, Product
from salesorg.people.roles import Role

from .looking import assert_accessible, assert_fits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def priced(monkeypatch, stages):
    """A pump on a price list; account executives give 10 %."""
    monkeypatch.setattr(public, "QUICKEST", 0)
    store = redis.Redis.from_url(conf.REDIS_URL)
    for key in store.scan_iter("limit:*"):
        store.delete(key)
    usual = PriceList.objects.create(name="Usual", currency="USD", during=DateRange(date(2020, 1, 1), None))
    Price.objects.create(price_list=usual, product=Product.objects.create(name="Pump"), amount=1200)
    DiscountLimit.objects.create(role=Role.AE, percent=10)


def seen(page):
    assert_fits(page)
    assert_accessible(page)


def test_a_proposal_is_written_approved_sent_and_accepted(page, sign_in, priced, deal_of, rita, mia):
    deal = deal_of(rita, amount=900)
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(rita)(reverse("pipeline:proposal_new", args=[deal.pk]))
    page.get_by_label("Product").fill("Pum")
    page.get_by_role("option", name="Pump").click()
    page.get_by_role("button", name="Another line").click()
    second = page.get_by_role("group", name="Line 2")
    second.get_by_label("Or in words").fill("Fitting")
    second.get_by_label("Price, if on no list").fill("300")
    page.get_by_label("Discount on the whole, %").fill("20")
    page.get_by_label("Introduction").fill("Dear Ann")
    expect(page.locator("#sums")).to_contain_text("above your 10%")
    page.reload()
    expect(second.get_by_label("Or in words")).to_have_value("Fitting")
    seen(page)
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("link", name="Ask for approval").click()
    page.get_by_role("button", name="Ask").click()
    address = page.url

    sign_in(mia)(re.sub(r"^https?://[^/]+", "", address))
    page.get_by_role("button", name="Approve").click()
    sign_in(rita)(re.sub(r"^https?://[^/]+", "", address))
    page.get_by_role("link", name="Send", exact=True).click()
    page.get_by_role("button", name="Send").click()
    seen(page)
    offer = re.search(r"/offer/.+", page.locator("dd code").inner_text())[0]

    page.context.clear_cookies()
    page.goto(address.partition("/proposals/")[0] + offer)
    seen(page)
    page.get_by_label("Your full name").first.fill("Ann Lee")
    page.get_by_label("I accept this proposal").check()
    page.get_by_role("button", name="Accept this proposal").click()
    expect(page.get_by_text("Accepted by Ann Lee")).to_be_visible()

    sign_in(rita)(re.sub(r"^https?://[^/]+", "", address))
    page.get_by_role("button", name="Move the deal to Won").click()
    expect(page.locator(".toast-item").first).to_be_visible()
    deal.refresh_from_db()
    assert deal.status == "won"
