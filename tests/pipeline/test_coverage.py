"""Coverage of what is still to be won, and how much hangs on the best."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from commissions.models import Quota
from commissions.quotas import quotas_in
from pipeline.engine.concentration import concentration, coverage_ratio
from salesorg.lib.periods import Period, month_of

PAGE = "pipeline:coverage"


def test_the_ratio_is_open_by_what_is_still_to_win():
    assert coverage_ratio(Decimal(900), Decimal(1000), Decimal(700)) == 3
    assert coverage_ratio(Decimal(900), Decimal(1000), Decimal(1000)) is None  # reached
    assert coverage_ratio(Decimal(900), None, Decimal(0)) is None


@given(st.dictionaries(st.integers(), st.integers(-5, 1_000_000).map(Decimal), max_size=30), st.integers(1, 6))
def test_the_best_and_the_rest_are_the_whole_and_half_of_it_needs_no_more_than_half_of_the_parts(amounts, shown):
    found = concentration(amounts, shown)
    assert found.whole == sum(amount for amount in amounts.values() if amount > 0)
    assert found.rest + sum(part.amount for part in found.best) == found.whole
    assert found.half <= (found.parts + 1) // 2
    assert found.whole == 0 or Decimal(0) < found.share_of_best <= Decimal("1.0000000001")


@pytest.fixture
def month(rita, sam, tom, deal_of, account_of):
    """Rita is to win 1,000 a month: 600 won, 800 open. Sam, without a quota: 200 won with Rita's customer. Tom: another team."""
    first, last = month_of(rita.today).start, month_of(rita.today).last_day
    account = account_of(rita, "Acme")
    deal_of(rita, account=account, amount=600, stage="Won", close_date=first)
    deal_of(rita, amount=800, close_date=last)
    deal_of(rita, amount=5_000, close_date=last + timedelta(days=1))  # not in the period
    deal_of(rita, amount=70, currency="EUR", close_date=last)
    deal_of(rita, amount=90, close_date=first - timedelta(days=1))  # late: open, with a close date that has passed
    deal_of(sam, account=account, amount=200, stage="Won", close_date=first)
    deal_of(tom, amount=9_000, stage="Won", close_date=first)
    for person in (rita, tom):
        Quota.objects.create(user=person, amount=1000, currency="USD", during=DateRange(first, None))


def test_open_pipeline_is_held_against_what_is_still_to_be_won(mia, month, as_user):
    context = as_user(mia).get(reverse(PAGE), {"period": "month"}).context
    rows = {row["name"]: (row["quota"], row["won"], row["still"], row["open"], row["ratio"]) for row in context["rows"]}
    assert rows == {"Rita": (1000, 600, 400, 800, "2.0×"), "Sam": (None, 200, 0, 0, "")}
    ratio, opened, won, quota = context["tiles"]
    assert (ratio["number"], ratio["since"], ratio["why"]["rows_in"]) == ("4.0×", "200 still to win", 1)
    assert [each["count"] for each in ratio["why"]["rows_out"]] == [1, 1]  # late, and in another currency
    assert (opened["why"]["rows_in"], won["why"]["rows_in"], quota["why"]["rows_in"]) == (1, 2, 1)


def test_days_typed_the_wrong_way_round_hold_nothing(mia, month, as_user):
    page = as_user(mia).get(reverse(PAGE), {"close_from": "2027-01-01", "close_to": "2026-01-01"})
    assert (page.status_code, page.context["rows"]) == (200, [])


def test_it_says_what_would_be_left_without_the_best(mia, month, as_user):
    context = as_user(mia).get(reverse(PAGE), {"period": "month"}).context
    assert context["words"] == (
        "Rita brought 75% of what was won; without them it would be 200 USD, 20% of quota. Half of it came from 1 of 2 people."
    )
    bars = {bar["title"]: [(part["name"], part["part"].amount) for part in bar["drawn"]] for bar in context["hangs_on"]}
    assert bars["Won, by account"] == [("Acme", 800)] and bars["Won, by rep"] == [("Rita", 600), ("Sam", 200)]


def test_every_figure_leads_to_exactly_its_deals(otto, month, as_user):
    client = as_user(otto)
    page = client.get(reverse(PAGE), {"period": "month"})
    links = re.findall(r'href="([^"]+)" data-figure="(\d+)"', page.content.decode())
    figures = {(unescape(address), count) for address, count in links}
    figures |= {(tile["url"], tile["why"]["rows_in"]) for tile in page.context["tiles"] if tile["url"]}
    assert len(figures) >= 6
    for address, count in figures:
        assert client.get(address).context["totals"].count == int(count), address
    for bar in page.context["hangs_on"]:
        for part in bar["drawn"]:
            assert client.get(part["url"]).context["totals"].amounts == {"USD": part["part"].amount}


def test_a_period_that_ends_before_it_begins_has_no_quota(otto):
    assert quotas_in(otto, Period(date(2026, 5, 1), date(2026, 1, 1)), "USD") == {}
