"""Logging a visit on a phone: three taps, a check-in, photos made small, all in a real browser."""

import io
import re

import pytest
from django.core.files.base import ContentFile
from PIL import Image
from playwright.sync_api import expect

from accounts.models import Account, Activity, CheckIn, Photo, PinProposal
from salesorg.lib import files
from tests.browser.looking import assert_accessible, assert_fits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return browser_context_args | {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def acme(rita, account_of):
    account = account_of(rita, "Acme")
    Account.objects.filter(pk=account.pk).update(latitude=52.5163, longitude=13.3777)
    return account


@pytest.fixture
def form(page, sign_in, rita, acme):
    """The open form, on rita's phone."""
    sign_in(rita)(f"/accounts/log/?account={acme.pk}")
    return page


def test_with_the_form_open_a_visit_takes_three_taps(form, acme):
    taps = 0
    for button in (
        form.get_by_label("Went well"),
        form.locator("[data-suggestions] button:visible"),
        form.get_by_role("button", name="Save"),
    ):
        expect(button).to_be_in_viewport()
        button.tap()
        taps += 1
    expect(form.get_by_text("Visit at Acme logged")).to_be_visible()
    step, visit = Activity.objects.order_by("-pk")
    assert taps == 3 and (visit.outcome, step.kind, step.follows) == ("well", "call", visit)


def test_a_suggestion_is_taken_back_by_a_second_tap_and_by_another_outcome(form):
    form.get_by_label("Went well").tap()
    suggestion = form.locator("[data-suggestions] button:visible")
    suggestion.tap()
    expect(suggestion).to_have_attribute("aria-pressed", "true")
    form.get_by_label("Not there").tap()
    expect(form.locator("[data-suggestions] [aria-pressed=true]")).to_have_count(0)
    form.get_by_role("button", name="Save").tap()
    expect(form.get_by_text("Visit at Acme logged")).to_be_visible()
    assert Activity.objects.get().outcome == "not_there"


def test_a_tap_checks_in_says_the_distance_and_proposes_a_better_pin(form):
    form.context.grant_permissions(["geolocation"])
    form.context.set_geolocation({"latitude": 52.52, "longitude": 13.405, "accuracy": 9})
    form.get_by_role("button", name="I am here").tap()
    expect(form.get_by_text("km from the pin of the account (± 9 m)")).to_be_visible()
    form.get_by_label("The pin is wrong").check()
    form.evaluate("scrollTo(0, document.body.scrollHeight)")  # from under the bar that holds Save
    assert_fits(form)
    assert_accessible(form)
    form.get_by_label("Went well").tap()
    form.get_by_role("button", name="Save").tap()
    expect(form.get_by_text("Visit at Acme logged")).to_be_visible()
    assert 1800 < CheckIn.objects.get().distance < 1950 and PinProposal.objects.waiting().count() == 1


def test_what_is_refused_is_shown_where_it_was_folded_away(form):
    expect(form.get_by_label("When", exact=True)).to_be_hidden()
    form.locator("form[data-visit]").evaluate(
        """(form) => form.dispatchEvent(new CustomEvent("refused", {
            bubbles: true, detail: { message: "Not tomorrow.", fields: ["done_at"] } }))"""
    )
    expect(form.get_by_label("When", exact=True)).to_be_focused()
    expect(form.get_by_text("Not tomorrow.")).to_be_visible()


def test_a_phone_that_may_not_tell_where_it_is_says_so_and_saves(form):
    form.context.clear_permissions()
    form.get_by_role("button", name="I am here").tap()
    expect(form.get_by_text("The visit can be saved without it.")).to_be_visible()
    form.get_by_role("button", name="Save").tap()
    expect(form.get_by_text("Visit at Acme logged")).to_be_visible()


def test_photos_of_a_phone_are_made_small_before_they_are_sent(form, tmp_path):
    noise = Image.effect_noise((4000, 3000), 60).convert("RGB")
    written = io.BytesIO()
    noise.save(written, "JPEG", quality=90)
    path = tmp_path / "shelf.jpg"
    path.write_bytes(ContentFile(written.getvalue()).read())
    assert path.stat().st_size > 3 * files.MB
    form.locator("[data-photos]").set_input_files(path)
    expect(form.get_by_text("1 to send")).to_be_visible()
    sent = form.locator("[data-photos]").evaluate("input => input.files[0].size")
    assert sent < path.stat().st_size / 2
    form.get_by_role("button", name="Save").tap()
    expect(form.get_by_text("Visit at Acme logged")).to_be_visible()
    assert Photo.objects.count() == 1


def test_a_contact_of_the_account_is_called_and_opened_by_a_thumb(page, sign_in, rita, acme):
    ines = acme.contacts.create(name="Ines", phone="+49 30 5550100", email="ines@acme.example")
    sign_in(rita)(acme.get_absolute_url())
    for name in ("Call Ines: +49 30 5550100", "Mail Ines: ines@acme.example"):
        page.get_by_role("link", name=name).tap(trial=True, timeout=3000)  # refused when something lies above it
    page.get_by_role("link", name="Ines", exact=True).tap()
    expect(page).to_have_url(re.compile(ines.get_absolute_url()))
