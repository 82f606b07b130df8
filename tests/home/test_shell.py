"""The page around the pages: navigation by role, commands, search, error pages."""

import re
from types import SimpleNamespace

import pytest
from django.urls import path, reverse

from salesorg.home import navigation
from salesorg.lib import search as search_registry
from salesorg.people.roles import Role
from salesorg.urls import urlpatterns as real_urls


def labels(answer):
    return re.findall(r'<li><a href="[^"]+"[^>]*>.*?<span>(.*?)</span></a></li>', answer.text)


def commands_of(client):
    return client.get(reverse("home:commands")).json()["commands"]


def test_every_key_of_the_navigation_is_used_once():
    keys = [place.keys for _label, places in navigation.GROUPS for place in places if place.keys]
    assert len(keys) == len(set(keys))
    assert all(re.fullmatch("[a-z]", key) for key in keys)


def test_a_rep_finds_work_and_no_settings(as_user, rita):
    shown = {place.url_name for _label, places in navigation.GROUPS for place in places if place.is_for(rita)}
    assert {"home:today", "pipeline:board", "accounts:account_list", "commissions:statement_list"} <= shown
    assert not {"home:settings", "home:runs", "audit:change_list", "pipeline:review"} & shown


def test_an_administrator_finds_settings_and_no_records(ada):
    shown = {place.url_name for _label, places in navigation.GROUPS for place in places if place.is_for(ada)}
    assert {"home:settings", "people:teams", "audit:change_list"} <= shown
    assert not {"pipeline:board", "accounts:account_list"} & shown


def test_who_only_helps_finds_tickets_and_orders_on_a_phone(person):
    theo = person("theo", "north", Role.TECHNICIAN)
    groups = navigation.groups_for(theo)
    assert [place.label for place in navigation.phone_places(groups)] == ["Today", "Tickets", "Accounts"]
    for page, label in (
        ("pipeline:ticket_list", "Tickets"),
        ("pipeline:order_list", "Orders"),
        ("pipeline:invoice_list", "Orders"),
    ):
        assert navigation.current_place(groups, reverse(page)).label == label


def test_nobody_who_may_not_log_is_offered_to(fay, rita):
    assert navigation.LOG.is_for(rita)
    assert not navigation.LOG.is_for(fay)


def test_the_longest_address_is_the_current_place():
    home, deals, board = (SimpleNamespace(paths=[url]) for url in ("/", "/deals/", "/deals/board/"))
    groups = [("Work", [home, deals, board])]
    assert navigation.current_place(groups, "/deals/7/") is deals
    assert navigation.current_place(groups, "/deals/board/") is board
    assert navigation.current_place(groups, "/") is home
    assert navigation.current_place(groups, "/people/") is None


@pytest.mark.parametrize(
    ("page", "place"),
    [("accounts:target_list", "Activity figures"), ("accounts:printed_list", "Documents"), ("accounts:cadence_list", "Tiers")],
)
def test_a_page_with_an_address_elsewhere_still_shows_where_it_lies(page, place, mia, otto):
    groups = [*navigation.groups_for(mia), *navigation.groups_for(otto)]
    assert navigation.current_place(groups, reverse(page)).label == place


def test_a_phone_has_three_places_in_their_order():
    places = [navigation.Place(str(n), "home:search", "x", phone=n) for n in (4, 0, 2, 1, 3)]
    assert [place.phone for place in navigation.phone_places([("Work", places)])] == [1, 2, 3]


def test_the_phone_of_whoever_only_qualifies_leads_to_the_queue(sol, rita):
    phones = [[place.url for place in navigation.phone_places(navigation.groups_for(user))] for user in (sol, rita)]
    assert phones == [["/", "/queue/", "/accounts/"], ["/", "/board/", "/accounts/"]]
    assert navigation.current_place(navigation.groups_for(sol), "/leads/7/").label == "Leads"


def test_every_command_shows_its_keys_and_no_two_share_them(as_user, mia):
    commands = commands_of(as_user(mia))
    keys = [command["keys"] for command in commands if command["keys"]]
    assert len(keys) == len(set(keys))
    assert {"group", "label", "url", "icon", "keys"} == set(commands[0]) if commands else True


def test_patterns_are_for_administrators(as_user, ada, rita):
    assert as_user(ada).get(reverse("home:style")).status_code == 200
    assert as_user(rita).get(reverse("home:style")).status_code == 404


# ── search ──


@pytest.fixture
def one_provider(monkeypatch):
    def find(user, text, limit):
        return [search_registry.Result("Konex <Ltd>", f"for {user.name}: {text}", "/accounts/1/", "building")]

    monkeypatch.setattr(search_registry, "_providers", [search_registry.Provider("Accounts", find)])


def test_search_answers_a_page_a_fragment_and_json(as_user, rita, one_provider):
    client, url = as_user(rita), reverse("home:search")
    page = client.get(url, {"q": "kon"})
    assert "<html" in page.text
    assert "Konex &lt;Ltd&gt;" in page.text
    fragment = client.get(url, {"q": "kon"}, headers={"HX-Request": "true", "HX-Target": "results"})
    assert "<html" not in fragment.text
    assert "for Rita: kon" in fragment.text
    found = client.get(url, {"q": "kon"}, headers={"Accept": "application/json"}).json()
    assert found["groups"][0]["kind"] == "Accounts"
    assert found["groups"][0]["hits"][0]["title"] == "Konex <Ltd>"


@pytest.mark.parametrize("text", ["", "x", "\x00\x00\x00", "ж" * 10_000, "<script>", "%%%'\""])
def test_search_takes_any_text(as_user, rita, text):
    assert as_user(rita).get(reverse("home:search"), {"q": text}).status_code == 200


# ── error pages ──


def test_the_page_of_what_is_absent_never_differs(as_user, rita):
    client = as_user(rita)
    first, second = client.get("/nothing/1/"), client.get("/nothing/2/")
    assert first.status_code == 404
    assert first.content == second.content


def break_down(request):
    raise RuntimeError("broken")


class BrokenUrls:
    urlpatterns = [*real_urls, path("broken/", break_down)]


def test_a_broken_page_still_says_what_to_do(as_user, rita, settings):
    settings.ROOT_URLCONF = BrokenUrls
    client = as_user(rita)
    client.raise_request_exception = False
    answer = client.get("/broken/")
    assert answer.status_code == 500
    assert "Nothing you saved is lost" in answer.text


def test_a_form_without_its_token_says_that_nothing_is_lost(rita, settings):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(rita, backend=settings.AUTHENTICATION_BACKENDS[-1])
    answer = client.post(reverse("home:search"))
    assert answer.status_code == 403
    assert "what you typed is still there" in answer.text


# ── layout ──


def test_a_record_opened_from_a_list_comes_without_the_frame(as_user, ada):
    answer = as_user(ada).get(reverse("home:style"), headers={"HX-Request": "true", "HX-Target": "panel-body"})
    assert answer.context["layout"] == "panel.html"
    assert as_user(ada).get(reverse("home:style")).context["layout"] == "base.html"


def test_the_organisation_pays_in_a_currency_that_exists(as_user, ada):
    sent = {"name": "Northwind", "time_zone": "UTC", "nightly_hour": "2"}
    refused = as_user(ada).post("/settings/", sent | {"currency": "XXX"})
    assert refused.status_code == 422
    assert "Give the three letters of a currency" in refused.content.decode()
    assert as_user(ada).post("/settings/", sent | {"currency": "eur"}).status_code == 302


def test_who_records_invoices_finds_them_in_the_navigation(fay, rita):
    of_fay, of_rita = navigation.groups_for(fay), navigation.groups_for(rita)
    assert navigation.current_place(of_fay, reverse("pipeline:invoice_list")).label == "Invoices"
    assert navigation.current_place(of_rita, reverse("pipeline:invoice_list")).label == "Proposals"
