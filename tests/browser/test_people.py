"""The pages of people, teams and sign-in in a real browser: reachable, readable, and as wide as the screen."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.conftest import PASSWORD

from .looking import assert_accessible

pytestmark = pytest.mark.django_db(transaction=True)


def test_somebody_signs_in_and_out(page, live_server, rita):
    page.goto(f"{live_server.url}/sessions/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("E-mail").fill("RITA@northwind.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("do not belong together")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My sign-ins")).to_be_visible()
    expect(page.get_by_text("this browser, now")).to_be_visible()


def test_a_departure_with_a_handover_is_taken_back_from_its_toast(page, sign_in, ada, rita, tom, deal_of):
    deal = deal_of(rita)
    sign_in(ada)(reverse("people:person_deactivate", args=[rita.pk]))
    expect(page.get_by_text("1 account covered, 1 open deal")).to_be_visible()
    page.get_by_label("Hand over to").fill("tom")
    page.get_by_role("option", name="Tom").click()
    page.get_by_role("button", name="Deactivate").click()
    page.get_by_text("Rita can no longer sign in; Tom takes over.").hover()  # a toast stays while it is pointed at
    deal.refresh_from_db()
    assert deal.owner == tom
    page.locator(".toast-item").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    deal.refresh_from_db()
    assert deal.owner == rita
