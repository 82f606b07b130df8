"""The account page: who decides, what happened by kind, and the companies that belong together with what is open and won."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.family import family_of
from accounts.models import Account
from accounts.services import add_contact, log_activity
from accounts.services.cadences import set_cadence


@pytest.fixture
def holding(rita, account_of):
    """Holding > Acme > Acme Parts, and Acme's sister Bolt."""
    top, acme, bolt, parts = (account_of(rita, name) for name in ("Holding", "Acme", "Bolt", "Acme Parts"))
    for child, parent in ((acme, top), (bolt, top), (parts, acme)):
        Account.objects.filter(pk=child.pk).update(parent=parent)
    return {"top": top, "acme": Account.objects.get(pk=acme.pk), "bolt": bolt, "parts": Account.objects.get(pk=parts.pk)}


def names(user, account):
    return [(member.depth, member.account.name) for member in family_of(user, account)]


def test_the_family_of_a_subsidiary_is_everybody_from_the_top_down(rita, holding):
    assert names(rita, holding["parts"]) == [(0, "Holding"), (1, "Acme"), (2, "Acme Parts"), (1, "Bolt")]


def test_a_hidden_parent_joins_nobody(rita, holding):
    holding["top"].coverage.all().delete()
    assert names(rita, holding["parts"]) == [(0, "Acme"), (1, "Acme Parts")]
    assert names(rita, holding["bolt"]) == [(0, "Bolt")]


def test_even_a_circle_made_past_the_service_comes_to_an_end(rita, holding):
    Account.objects.filter(pk=holding["top"].pk).update(parent=holding["parts"])
    assert len(names(rita, Account.objects.get(pk=holding["acme"].pk))) == 4


def test_the_family_adds_up_what_is_open_and_won_and_leads_to_its_deals(rita, sam, tom, holding, deal_of, as_user):
    deal_of(rita, holding["acme"], amount=100)
    deal_of(rita, holding["bolt"], amount=20)
    deal_of(rita, holding["parts"], stage="Won", amount=3)
    deal_of(rita, holding["parts"], stage="Lost", amount=7000, gate_debt=["loss_reason"])
    client = as_user(rita)
    panel = client.get(reverse("pipeline:account_family", args=[holding["parts"].pk]))
    assert (panel.context["open"].amounts, panel.context["won"].amounts) == ({"USD": 120}, {"USD": 3})
    rows = client.get(reverse("pipeline:deal_list") + f"?family={holding['parts'].pk}&status=open").context["page"].rows
    assert {row.amount for row in rows} == {100, 20}


def test_the_page_says_who_decides_and_who_is_not_known_yet(rita, account_of, as_user):
    account = account_of(rita)
    add_contact(account=account, actor=rita, name="Olga", decision_role="decider")
    page = as_user(rita).get(account.get_absolute_url())
    assert [(str(label), [each.name for each in people]) for label, people, _gap in page.context["decision"]] == [
        ("Decides", ["Olga"]),
        ("Holds the budget", []),
    ]
    assert "Who? Ask." in page.text


def test_the_timeline_shows_one_kind_when_asked(rita, account_of, as_user):
    account, client = account_of(rita), as_user(rita)
    log_activity(account=account, actor=rita, kind="visit", subject="Looked at the plant")
    log_activity(account=account, actor=rita, kind="call", subject="Rang about prices")
    calls = client.get(account.get_absolute_url() + "?kind=call").text
    assert "Rang about prices" in calls and "Looked at the plant" not in calls
    assert "Looked at the plant" in client.get(account.get_absolute_url() + "?kind=nonsense").text
    assert "Nothing of this kind yet" in client.get(reverse("accounts:account_timeline", args=[account.pk]) + "?kind=demo").text


def test_a_kind_swaps_the_list_alone_and_has_an_address(rita, account_of, as_user):
    account, client = account_of(rita), as_user(rita)
    log_activity(account=account, actor=rita, kind="visit", subject="Looked at the plant")
    log_activity(account=account, actor=rita, kind="call", subject="Rang about prices")
    asked = {"hx-request": "true", "hx-target": "happened-list"}
    part = client.get(account.get_absolute_url() + "?kind=call", headers=asked)
    assert "Rang about prices" in part.text and "Looked at the plant" not in part.text
    assert "<html" not in part.text and "Covered by" not in part.text
    assert "HX-Target" in part["Vary"]


def test_the_account_says_how_often_it_is_visited_and_why(rita, ada, account_of, as_user):
    account, today = account_of(rita), rita.today
    Account.objects.filter(pk=account.pk).update(lifecycle="customer", tier="A")
    set_cadence(tier="A", kind="visit", every_days=30, from_day=today, actor=ada)
    panel = reverse("accounts:account_tier", args=[account.pk])
    client = as_user(rita)
    assert [(each.words, each.why, each.next_on) for each in client.get(panel).context["rhythms"]] == [
        ("a visit every 30 days", "by tier A", today + timedelta(days=30))
    ]
    set_cadence(account=account, kind="visit", every_days=7, from_day=today, actor=ada)
    text = client.get(panel).text
    assert "a visit every 7 days" in text and "set for this account" in text
    assert reverse("accounts:account_cadence", args=[account.pk]) in text
    set_cadence(account=account, kind="visit", every_days=None, from_day=today + timedelta(days=1), actor=ada)
    assert "a visit every 30 days" in client.get(reverse("accounts:tier_list")).text


def test_an_order_is_one_tap_away_and_who_takes_none_passes_it_on(rita, sol, account_of, as_user):
    account, own = account_of(rita), account_of(sol)
    assert f"{reverse('pipeline:order_new')}?account={account.pk}" in as_user(rita).get(account.get_absolute_url()).text
    assert reverse("accounts:order_request", args=[own.pk]) in as_user(sol).get(own.get_absolute_url()).text


def test_logging_from_a_contact_has_them_ticked(rita, tom, account_of, as_user):
    account, elsewhere = account_of(rita, "Acme"), account_of(tom, "Bolt")
    olga = add_contact(account=account, actor=rita, name="Olga")
    hidden = add_contact(account=elsewhere, actor=tom, name="Hidden")
    page = reverse("accounts:visit_log") + f"?account={account.pk}&contact="
    client = as_user(rita)
    answer = client.get(page + str(olga.pk))
    assert answer.context["form"]["contacts"].value() == [olga.pk] and "checked" in answer.text.split("<legend>Met</legend>")[1]
    for other in (hidden.pk, "9" * 30, "x"):
        answer = client.get(f"{page}{other}")
        assert not answer.context["form"]["contacts"].value() and "Hidden" not in answer.text


def test_an_account_with_a_pin_shows_it_on_a_map(rita, account_of, as_user):
    account, client = account_of(rita, 'Acme "&" <b>'), as_user(rita)
    assert "data-map" not in client.get(account.get_absolute_url()).text
    Account.objects.filter(pk=account.pk).update(latitude=41.5, longitude=-72.5)
    page = client.get(account.get_absolute_url())
    assert json.loads(page.context["place_map"])["stops"][0]["at"] == [41.5, -72.5]
    assert "data-map" in page.text and "js/map" in page.text
    panel = client.get(account.get_absolute_url(), headers={"hx-request": "true", "hx-target": "panel-body"})
    assert "data-map" not in panel.text
