"""The shell in a real browser: keys, command menu, side panel, toasts, drafts, light and dark, and accessibility."""

import sys
import time
from pathlib import Path

import pytest
from django import forms
from django.shortcuts import render
from django.urls import path, reverse
from playwright.sync_api import expect

from salesorg.home import patterns
from salesorg.lib.errors import DomainError
from salesorg.lib.http import toast
from salesorg.urls import urlpatterns as real_urls

sys.path.insert(0, str(Path(__file__).parent))
from looking import assert_accessible, assert_fits, screenshot_matrix

pytestmark = pytest.mark.django_db(transaction=True)


class VersionedForm(patterns.SampleForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


STORED = {"stage": "1", "version": 3}
TAKEN = []  # amounts that were saved


def sample_form(request):
    """A form that is refused while its amount is 13, and otherwise saved."""
    form = VersionedForm(request.POST or None, prefix="a", initial=STORED)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["amount"] == 13:
            raise DomainError("Thirteen is not an amount. Write another.", fields=["a-amount"])
        TAKEN.append(form.cleaned_data["amount"])
        time.sleep(0.5 if form.cleaned_data["amount"] == 15 else 0)
        return toast(request, "Deal saved", undo="/undo-sample/", to="/sample-saved/")
    return render(request, "home/style.html", patterns.sample_context() | {"form": form}, status=422 if form.errors else 200)


def saved(request):
    return render(request, "home/style.html", patterns.sample_context())


def undone(request):
    return toast(request, f"Taken back by {request.method}", level="info", to="/sample-saved/")


class Urls:
    urlpatterns = [
        *real_urls,
        path("sample-form/", sample_form),
        path("sample-saved/", saved),
        path("undo-sample/", undone),
    ]


@pytest.fixture
def at(sign_in, ada, settings):
    settings.ROOT_URLCONF = Urls
    return sign_in(ada)


@pytest.fixture
def patterns_page(at, page):
    at(reverse("home:style"))
    page.evaluate("document.activeElement.blur()")
    return page


@pytest.mark.long
@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_component_is_accessible_and_fits(patterns_page, mode, width):
    patterns_page.set_viewport_size({"width": width, "height": 800})
    patterns_page.emulate_media(color_scheme=mode)
    assert_accessible(patterns_page)
    assert_fits(patterns_page)


def test_pictures_are_taken_at_every_size_and_mode_when_asked_for(patterns_page, monkeypatch):
    monkeypatch.setenv("PICTURES", "1")
    paths = screenshot_matrix(patterns_page, "Patterns")
    assert len(paths) == 6
    assert all(path.stat().st_size > 10_000 for path in paths)


def test_the_command_menu_opens_by_key_and_goes_to_what_is_chosen(patterns_page):
    page = patterns_page
    page.keyboard.press("Control+k")
    menu = page.get_by_role("dialog", name="Command menu")
    expect(menu.get_by_role("combobox")).to_be_focused()
    expect(menu.get_by_role("option", name="New sample")).to_have_attribute("aria-selected", "true")
    assert_accessible(page)
    page.keyboard.type("konex")
    expect(menu.get_by_role("option", name="konex")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{page.url.split('/patterns')[0]}/search/?q=konex")
    expect(page.get_by_role("searchbox")).to_have_value("konex")


def test_escape_closes_the_command_menu_and_gives_the_focus_back(patterns_page):
    page = patterns_page
    row = page.locator("#deals tbody tr").first
    row.focus()
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.locator("#commands")).to_be_hidden()
    expect(row).to_be_focused()


def test_question_mark_lists_the_keys_of_this_page(patterns_page):
    page = patterns_page
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys.get_by_text("New sample")).to_be_visible()
    assert_accessible(page)


def test_a_list_is_walked_selected_and_opened_by_keys(patterns_page):
    page = patterns_page
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("#deals tbody tr").nth(1)
    expect(second).to_be_focused()
    page.keyboard.press("x")
    expect(second).to_have_attribute("aria-selected", "true")
    expect(page.locator("[data-selected-count]")).to_have_text("1")
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    expect(panel.locator("[data-page]")).to_be_visible()
    expect(panel).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(second).to_be_focused()


def test_letters_typed_into_a_field_are_letters(patterns_page):
    page = patterns_page
    page.get_by_label("Account").first.fill("")
    page.get_by_label("Account").first.press_sequentially("jxk?/")
    expect(page.get_by_label("Account").first).to_have_value("jxk?/")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_the_chosen_mode_is_remembered_and_can_be_given_back_to_the_system(patterns_page):
    page = patterns_page
    page.emulate_media(color_scheme="light")
    root = page.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.locator(".me summary").click()
    page.get_by_role("radiogroup").get_by_text("Dark").click()
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.locator(".me summary").click()
    page.get_by_role("radiogroup").get_by_text("System").click()
    expect(root).to_have_attribute("data-bs-theme", "light")


def test_a_refused_form_keeps_what_was_typed(at, page):
    at("/sample-form/")
    page.get_by_label("Account").first.fill("Cancity")
    page.get_by_label("Amount").first.fill("13")
    page.get_by_label("Note").first.fill("A long thought")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="That was not done")).to_be_visible()
    page.get_by_role("link", name="Back to what you typed").click()
    expect(page.get_by_label("Note").first).to_have_value("A long thought")


def test_a_form_left_and_opened_again_is_as_it_was_left(at, page):
    at("/sample-form/")
    page.get_by_label("Note").first.fill("Half a thought")
    page.get_by_label("Share with the pod").first.check()
    at("/sample-saved/")
    at("/sample-form/")
    expect(page.get_by_label("Note").first).to_have_value("Half a thought")
    expect(page.get_by_label("Share with the pod").first).to_be_checked()
    expect(page.get_by_text("Restored what you typed.").first).to_be_visible()


def test_what_others_saved_meanwhile_is_neither_hidden_nor_overwritten(at, page, monkeypatch):
    at("/sample-form/")
    page.get_by_label("Note").first.fill("Half a thought")
    at("/sample-saved/")
    monkeypatch.setitem(STORED, "stage", "2")
    monkeypatch.setitem(STORED, "version", 4)
    at("/sample-form/")
    expect(page.get_by_label("Note").first).to_have_value("Half a thought")
    expect(page.locator("[name=a-stage]")).to_have_value("2")
    expect(page.locator("[name=a-version]")).to_have_value("3")  # so the save will be compared with what is stored


def test_a_saved_form_is_forgotten_and_says_so_with_undo(at, page):
    at("/sample-form/")
    page.get_by_label("Account").first.fill("Cancity")
    page.get_by_label("Amount").first.fill("14")
    page.get_by_role("button", name="Save deal").first.click()
    message = page.locator("#toasts")
    expect(message).to_contain_text("Deal saved")
    assert_accessible(page)
    message.get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("Taken back by POST")
    at("/sample-form/")
    expect(page.get_by_label("Account").first).to_have_value("")


def test_a_form_whose_button_is_pressed_twice_is_sent_once(at, page):
    at("/sample-form/")
    page.get_by_label("Account").first.fill("Cancity")
    page.get_by_label("Amount").first.fill("15")
    # Pressed again while the server is still at it; Playwright's own click would wait for the answer.
    page.get_by_role("button", name="Save deal").first.evaluate("b => { b.click(); setTimeout(() => b.click(), 150) }")
    expect(page.locator("#toasts")).to_contain_text("Deal saved")
    assert TAKEN.count(15) == 1


def test_a_phone_reaches_everything_behind_more(patterns_page):
    page = patterns_page
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    page.get_by_role("navigation", name="Quick").get_by_role("button", name="More").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("address", ["/nothing/", "/search/?q=nobody"])
def test_error_and_empty_pages_are_accessible(at, page, address):
    at(address)
    assert_accessible(page)
    page.set_viewport_size({"width": 360, "height": 700})
    assert_fits(page)


def ask(page, method, address):
    """A request as any htmx element makes it."""
    page.evaluate("([method, url]) => htmx.ajax(method, url, '#main').catch(() => {})", [method, address])


def test_a_request_that_fails_says_so_and_leaves_the_page_as_it_is(patterns_page):
    page = patterns_page
    ask(page, "GET", "/nothing/")
    expect(page.locator("#toasts")).to_contain_text("not here any more")
    page.context.set_offline(True)
    ask(page, "GET", "/patterns/")
    expect(page.locator("#toasts")).to_contain_text("did not reach the server")
    page.context.set_offline(False)
    expect(page.locator("#deals")).to_be_visible()


def test_a_refused_request_outside_a_form_is_said_in_a_toast(patterns_page):
    page = patterns_page
    typed = {"a-name": "x", "a-amount": "13", "a-stage": "1"}
    page.evaluate("(values) => htmx.ajax('POST', '/sample-form/', { target: '#main', values }).catch(() => {})", typed)
    expect(page.locator("#toasts")).to_contain_text("Thirteen is not an amount")
    expect(page.locator("#deals")).to_be_visible()
