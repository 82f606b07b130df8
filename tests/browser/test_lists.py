"""A list by keyboard: move, look beside it, select, change many, take it back; and with a pointer a range."""

import pytest
from playwright.sync_api import expect

from accounts.models import Account

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def book(account_of, rita):
    return [account_of(rita, name) for name in ("Alpha", "Beta", "Gamma", "Delta")]


def test_rita_changes_three_accounts_without_a_mouse_and_takes_it_back(page, sign_in, rita, book):
    sign_in(rita)("/accounts/")
    page.keyboard.press("j")
    row = page.locator("tr:focus")
    expect(row).to_contain_text("Alpha")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-body")).to_contain_text("Alpha")
    page.keyboard.press("Escape")
    bar = page.get_by_role("region", name="Selection")
    expect(bar).to_be_hidden()
    for _row in range(3):
        page.keyboard.press("x")
        page.keyboard.press("j")
    expect(bar.get_by_role("status")).to_have_text("3 selected")
    expect(page.locator('tr[aria-selected="true"]')).to_have_count(3)
    bar.get_by_role("button", name="Change…").press("Enter")
    page.get_by_label("Lifecycle").select_option("Customer")
    page.get_by_role("button", name="Look at the effect").click()
    expect(page.get_by_role("status").filter(has_text="will change")).to_have_text("3 will change")
    page.get_by_role("button", name="Change 3").click()
    expect(page.get_by_text("3 changed")).to_be_visible()
    assert Account.objects.filter(lifecycle="customer").count() == 3
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#accounts")).not_to_contain_text("Customer")
    assert not Account.objects.filter(lifecycle="customer").exists()


def test_shift_selects_all_between_and_the_cross_none(page, sign_in, rita, book):
    sign_in(rita)("/accounts/")
    boxes = page.locator("#accounts tbody input[type=checkbox]")
    boxes.nth(0).check()
    boxes.nth(2).click(modifiers=["Shift"])
    bar = page.get_by_role("region", name="Selection")
    expect(bar.get_by_role("status")).to_have_text("3 selected")
    bar.get_by_role("button", name="Select none").click()
    expect(bar).to_be_hidden()
    expect(page.locator("#accounts input:checked")).to_have_count(0)


def test_a_click_on_the_header_orders_the_list_and_says_so(page, sign_in, rita, book):
    sign_in(rita)("/accounts/")
    page.get_by_role("columnheader", name="Account").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Account")).to_have_attribute("aria-sort", "descending")
    expect(page.locator("#accounts tbody tr").first).to_contain_text("Gamma")
