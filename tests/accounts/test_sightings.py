"""Competitors seen: counted by competitor, product, region and month, every figure a link to its rows."""

import re
from datetime import date

import pytest

from accounts.models import Account, Competitor, Sighting
from accounts.services import note_sighting

PAGE = "/accounts/competitors/"


@pytest.fixture
def seen(rita, tom, account_of):
    """Rival at two accounts of Rita's in Berlin and Hamburg, Other once, and one sighting at Tom's that Rita must not see."""
    places = {"Acme": "Berlin", "Beta": "Hamburg"}
    accounts = {name: account_of(rita, name) for name in places}
    for name, city in places.items():
        Account.objects.filter(pk=accounts[name].pk).update(city=city, country="Germany")
    sightings = (
        ("Acme", "Rival", "SR-5", "100", "EUR", date(2026, 3, 5)),
        ("Acme", "Rival", "SR-5", "140", "EUR", date(2026, 4, 5)),
        ("Beta", "Rival", "", "90", "USD", date(2026, 4, 6)),
        ("Beta", "Other", "O-1", None, "", date(2026, 4, 7)),
    )
    for account, competitor, product, price, currency, day in sightings:
        facts = {"competitor": competitor, "product": product, "price": price, "currency": currency, "seen_on": day}
        note_sighting(account=accounts[account], actor=rita, **facts)
    note_sighting(account=account_of(tom, "Secret"), competitor="Rival", product="Hidden-9", seen_on=date(2026, 4, 8), actor=tom)
    return accounts


@pytest.mark.parametrize(
    "by, labels",
    [
        ("competitor", ["Rival", "Other"]),
        ("product", ["Rival · SR-5", "Rival · product not noted", "Other · O-1"]),
        ("region", ["Berlin, Germany", "Hamburg, Germany"]),
        ("month", ["April 2026", "March 2026"]),
    ],
)
def test_every_figure_leads_to_exactly_its_rows(rita, seen, as_user, by, labels):
    client = as_user(rita)
    lines = client.get(PAGE, {"by": by}).context["lines"]
    assert sorted(line["label"] for line in lines) == sorted(labels)
    assert sum(line["count"] for line in lines) == 4
    for line in lines:
        assert len(client.get(PAGE + line["url"]).context["page"].rows) == line["count"]


def test_prices_are_a_range_for_each_currency(rita, seen, as_user):
    line = as_user(rita).get(PAGE).context["lines"][0]
    prices = [(each["currency"], int(each["least"]), int(each["most"])) for each in line["prices"]]
    assert prices == [("EUR", 100, 140), ("USD", 90, 90)]


def test_what_a_stranger_saw_is_neither_shown_nor_counted(rita, seen, as_user):
    for by in ("competitor", "product", "region", "month", "rows"):
        assert "Hidden-9" not in as_user(rita).get(PAGE, {"by": by}).text
    assert as_user(rita).get(PAGE).context["total"] == 4


def test_filters_stand_in_the_address_and_are_said_in_words(rita, seen, as_user):
    page = as_user(rita).get(PAGE, {"by": "rows", "city": "Hamburg", "since": "2026-04-07"})
    assert [row.competitor.name for row in page.context["page"].rows] == ["Other"]
    assert re.search(r"in Hamburg.*from", page.text)


def test_an_account_shows_who_else_sells_there(rita, seen, as_user):
    panel = as_user(rita).get(f"/accounts/{seen['Acme'].pk}/competitors/").text
    assert "Rival" in panel and "SR-5" in panel and "140" in panel and "Other" not in panel


def test_many_competitors_are_counted_page_by_page_and_the_menu_leads_to_all_of_them(rita, account_of, as_user):
    account, client = account_of(rita), as_user(rita)
    made = Competitor.objects.bulk_create(Competitor(name=f"Rival {i:02}") for i in range(60))
    Sighting.objects.bulk_create(
        Sighting(account=account, competitor=each, user=rita, seen_on=rita.today, price=1, currency="EUR") for each in made
    )
    page = client.get(PAGE)
    shown = [line["label"] for line in page.context["lines"]]
    rest = client.get(PAGE + "?after=" + page.context["page"].after).context
    assert sorted(shown + [line["label"] for line in rest["lines"]]) == [each.name for each in made]
    assert rest["page"].after is None and all(line["prices"] for line in rest["lines"])
    words, url, _on = page.context["menus"][0]["items"][-1]
    assert words == "All competitors…" and client.get(PAGE + url).status_code == 200
