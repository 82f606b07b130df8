"""The account page: who decides, what happened by kind, and the companies that belong together with what is open and won."""

import pytest
from django.urls import reverse

from accounts.family import family_of
from accounts.models import Account
from accounts.services import add_contact, log_activity


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
