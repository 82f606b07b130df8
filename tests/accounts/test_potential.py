"""Potential of an account: estimated, dated, beside spend, in lists, and carried by merge, import and export."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Account, AccountFacts
from accounts.services import change_account, merge_accounts
from accounts.services.facts import gather_facts
from accounts.shares import share_of_wallet
from salesorg.audit.models import Change


@pytest.fixture
def acme(rita, account_of):
    return account_of(rita, "Acme")


def estimated(account, actor, amount, **more):
    change_account(account=account, actor=actor, potential=amount, **more)
    account.refresh_from_db()
    return account


def test_an_estimate_is_of_today_unless_its_day_is_said_and_keeps_its_history(rita, acme):
    assert estimated(acme, rita, Decimal(400)).potential_on == rita.today
    early = rita.today.replace(year=rita.today.year - 1, day=1)
    assert estimated(acme, rita, Decimal(400), potential_on=early).potential_on == early
    assert estimated(acme, rita, Decimal(500), potential_on=early).potential_on == rita.today  # the form sent the old day along
    assert estimated(acme, rita, None, potential_on=early).potential_on is None
    said = [
        row.after["potential"]
        for row in Change.objects.filter(table="accounts_account", operation="UPDATE").order_by("pk")
        if "potential" in row.after
    ]
    assert [each and int(each) for each in said] == [400, 500, None]


def test_the_share_of_wallet_says_how_it_came_about(rita, acme):
    estimated(acme, rita, Decimal(400), potential_how="their buyer")
    facts = AccountFacts(spend=Decimal(100))
    wallet = share_of_wallet(acme, facts, "USD")
    assert (wallet.share, wallet.how) == (Decimal("0.25"), "their buyer")
    assert "$100.00" in wallet.why and "$400.00" in wallet.why
    assert "too low" in share_of_wallet(acme, AccountFacts(spend=Decimal(500)), "USD").why
    assert share_of_wallet(acme, None, "USD").share is None
    assert share_of_wallet(estimated(acme, rita, Decimal(0)), facts, "USD").share is None
    assert share_of_wallet(estimated(acme, rita, None), facts, "USD") is None


def test_the_panel_shows_potential_beside_spend_and_asks_for_it_when_it_is_not_known(rita, acme, as_user):
    panel, client = reverse("accounts:account_tier", args=[acme.pk]), as_user(rita)
    assert "Estimate it" in client.get(panel).text
    estimated(acme, rita, Decimal(400))
    gather_facts(day=rita.today, currency="USD")
    text = client.get(panel).text
    assert "share of wallet" in text and "0%" in text.replace("\xa0", "").replace(" ", "")


def test_the_list_filters_and_orders_by_potential(rita, acme, account_of, as_user):
    bolt, none = account_of(rita, "Bolt"), account_of(rita, "Unknown")
    estimated(acme, rita, Decimal(400)), estimated(bolt, rita, Decimal(9000))
    listed, client = reverse("accounts:account_list"), as_user(rita)
    page = client.get(listed + "?potential=0&sort=potential&columns=name,potential")
    assert [row.name for row in page.context["page"].rows] == ["Bolt", "Acme"]
    assert "with a potential of 0 or more" in page.text
    assert [row.name for row in client.get(listed + "?potential=500").context["page"].rows] == ["Bolt"]
    assert len(client.get(listed + "?potential=-3").context["page"].rows) == 3 and none


def test_the_form_stores_it_and_refuses_nonsense(rita, acme, as_user):
    address, client = reverse("accounts:account_edit", args=[acme.pk]), as_user(rita)
    typed = {"name": "Acme", "lifecycle": "prospect", "version": acme.version}
    assert client.post(address, typed | {"potential": "-5"}).status_code == 422
    assert client.post(address, typed | {"potential": "1200", "potential_how": "tender"}).status_code == 302
    acme.refresh_from_db()
    assert (acme.potential, acme.potential_how, acme.potential_on) == (1200, "tender", rita.today)


def test_a_merge_takes_the_estimate_whole(rita, otto, acme, account_of):
    bolt = estimated(account_of(rita, "Bolt"), rita, Decimal(9000), potential_how="tender")
    kept = merge_accounts(keep=acme, drop=bolt, choices={}, actor=otto).kept
    assert (kept.potential, kept.potential_how, kept.potential_on) == (9000, "tender", rita.today)
    assert Account.objects.get(pk=acme.pk).potential == 9000
