"""Win rates: counted by the owner on the day of closing, each with how sure it is, each a link to exactly its deals."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Competitor, Sighting
from pipeline.engine.intervals import wilson
from pipeline.models import Lead, LossReason, Product, Source

PAGE = "pipeline:win_rates"


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_likely_interval_holds_the_share_and_stays_between_none_and_all(won, lost):
    low, high = wilson(won, won + lost)
    assert 0 <= low <= high <= 1
    assert won + lost == 0 or low <= won / (won + lost) <= high


def test_the_likely_interval_is_wilsons():
    # Worked by hand in the paper's notation: 8 of 10 with 1.959964 gives 0.4902 and 0.9433.
    assert [f"{end:.4f}" for end in wilson(8, 10)] == ["0.4902", "0.9433"]


@pytest.fixture
def closed(rita, sam, tom, teams, deal_of):
    """Rita: two won, one lost of several kinds; Sam: one lost in euro; Tom, of South: one won. One each long ago and open."""
    day, price = rita.today, LossReason.objects.create(name="Price")
    gtx, search, rival = (
        Product.objects.create(name="GTX"),
        Source.objects.create(name="Search"),
        Competitor.objects.create(name="Rival"),
    )
    won = deal_of(rita, amount=500, stage="Won", close_date=day, product=gtx, opened_on=day - timedelta(days=10))
    deal_of(rita, amount=700, stage="Won", close_date=day, opened_on=day - timedelta(days=40))
    lost = deal_of(rita, amount=50, stage="Lost", close_date=day, loss_reason=price, product=gtx)
    deal_of(sam, amount=20, stage="Lost", close_date=day, loss_reason=price, currency="EUR")
    deal_of(tom, amount=4000, stage="Won", close_date=day)
    deal_of(rita, amount=9, stage="Won", close_date=day - timedelta(days=800))
    deal_of(rita, amount=1)
    won.account.industry, won.account.employees = "Retail", 60
    won.account.save()
    Lead.objects.create(source=search, account=lost.account, deal=lost, first_contact_on=day, outcome="qualified", sdr=rita)
    for seen_on in (day - timedelta(days=5), day - timedelta(days=4)):  # twice: the deal still counts once
        Sighting.objects.create(account=lost.account, competitor=rival, user=rita, seen_on=seen_on)
    Sighting.objects.create(account=won.account, competitor=rival, user=rita, seen_on=day - timedelta(days=30))  # before it
    return {"won": won, "lost": lost}


def rows_of(page):
    return {row["name"]: (row["rate"].won, row["rate"].lost) for row in page.context["rows"]}


EXPECTED = {
    "owner": {"Rita": (2, 1), "Sam": (0, 1), "Tom": (1, 0)},
    "team": {"Northwind": (3, 2), "East": (3, 2), "North": (2, 2), "South": (1, 0)},
    "product": {"GTX": (1, 1), "No product": (2, 1)},
    "source": {"Search": (0, 1), "From no lead": (3, 1)},
    "competitor": {"Rival": (0, 1), "Nobody seen": (3, 1)},
    "sector": {"Retail": (1, 0), "Sector not known": (2, 2)},
    "size": {"50–249 employees": (1, 0), "Size not known": (2, 2)},
}


@pytest.mark.parametrize("by", EXPECTED)
def test_every_rate_is_won_by_won_and_lost_and_leads_to_exactly_its_deals(otto, closed, as_user, by):
    client = as_user(otto)
    page = client.get(reverse(PAGE), {"by": by})
    assert rows_of(page) == EXPECTED[by]
    links = re.findall(r'href="([^"]+)" data-figure="(\d+)"', page.content.decode())
    links += [(tile["url"], tile["why"]["rows_in"]) for tile in page.context["tiles"]]
    assert len(links) >= 7
    for address, count in links:
        assert client.get(unescape(address)).context["totals"].count == int(count), address


def test_a_manager_compares_the_own_team_alone_and_of_a_month_all_that_closed_in_it(mia, closed, as_user):
    client = as_user(mia)
    assert rows_of(client.get(reverse(PAGE), {"by": "team"})) == {"North": (2, 2)}
    page = client.get(reverse(PAGE), {"by": "month", "period": "all"})
    assert [(row["rate"].won, row["rate"].lost) for row in page.context["rows"]] == [(1, 0), (2, 2)]
    for row in page.context["rows"]:
        assert client.get(row["urls"]["closed"]).context["totals"].count == row["rate"].closed


def test_a_rate_says_what_was_won_how_long_it_took_and_how_sure_it_is(mia, closed, as_user):
    page = as_user(mia).get(reverse(PAGE))
    rita = next(row for row in page.context["rows"] if row["name"] == "Rita")
    assert (rita["rate"].amounts, rita["rate"].cycle, rita["average"]) == ({"USD": 1200}, 25, {"USD": 600})
    assert (rita["interval"], rita["rate"].is_small) == ("21–94%", True)
    assert "is-small" in page.content.decode()


def test_what_was_seen_at_an_account_one_may_not_open_counts_as_not_known(mia, tom, rita, closed, account_of, as_user):
    """A deal of Rita's with a customer that Tom covers: the list tells its name, and nothing that only its page tells."""
    hidden = account_of(tom)
    hidden.industry = "Secret"
    hidden.save()
    deal = closed["won"]
    deal.account = hidden
    deal.save()
    client = as_user(mia)
    assert rows_of(client.get(reverse(PAGE), {"by": "sector"})) == {"Sector not known": (2, 2)}
    assert client.get(reverse("pipeline:deal_list"), {"sector": "Secret", "status": "all"}).context["totals"].count == 0


def test_the_rates_of_a_past_day_are_those_of_what_had_closed_by_then(otto, rita, deal_of, as_user):
    from .test_versions import at, effective_at

    yesterday = otto.today - timedelta(days=1)
    with transaction.atomic():
        effective_at(at(yesterday))
        deal_of(rita, amount=500, stage="Won", close_date=yesterday)
        effective_at(None)
    deal_of(rita, amount=700, stage="Won", close_date=otto.today)
    client, of_all = as_user(otto), {"period": "all"}
    assert rows_of(client.get(reverse(PAGE), of_all)) == {"Rita": (2, 0)}
    assert rows_of(client.get(reverse(PAGE), of_all | {"as_of": yesterday.isoformat()})) == {"Rita": (1, 0)}
