"""Velocity: open deals × win rate × average won ÷ cycle; and the days in each stage, for the owner as of entering."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from pipeline.engine.velocity import velocity
from pipeline.models import Deal, DealVersion, LossReason

PAGE = "pipeline:velocity"


def test_velocity_is_money_a_day_and_nothing_where_a_factor_is_not_known():
    assert velocity(20, Decimal("0.25"), Decimal(10_000), 50) == 1000
    assert [velocity(20, None, Decimal(1), 5), velocity(20, Decimal(1), None, 5), velocity(20, Decimal(1), Decimal(1), 0)] == [
        None
    ] * 3


@pytest.fixture
def closed(rita, sam, deal_of):
    """Rita won 300 and 500 after 20 and 40 days, lost two, has three open; Sam has one open and nothing closed."""
    day, price = rita.today, LossReason.objects.create(name="Price")
    for amount, days in ((300, 20), (500, 40)):
        deal_of(rita, amount=amount, stage="Won", close_date=day, opened_on=day - timedelta(days=days))
    for _lost in range(2):
        deal_of(rita, stage="Lost", close_date=day, loss_reason=price)
    deal_of(rita, amount=7, currency="EUR", stage="Won", close_date=day - timedelta(days=700))
    for _open in range(3):
        deal_of(rita)
    deal_of(sam)


@pytest.mark.parametrize("by", ["owner", "team", "product"])
def test_each_row_is_made_of_four_figures_that_lead_to_their_deals(mia, closed, as_user, by):
    client = as_user(mia)
    page = client.get(reverse(PAGE), {"by": by, "period": "month"})
    if by == "owner":
        rows = {
            row["name"]: (row["open"], row["rate"].share, row["average"], row["rate"].cycle, row["velocity"])
            for row in page.context["rows"]
        }
        assert rows == {"Rita": (3, Decimal("0.5"), 400, 30, 20), "Sam": (1, None, None, None, None)}
    overall = page.context["overall"]
    assert (overall["open"], overall["velocity"]) == (4, Decimal(4) * Decimal("0.5") * 400 / 30)
    figures = set(re.findall(r'href="([^"]+)" data-figure="(\d+)"', page.content.decode()))
    figures |= {(tile["url"], tile["why"]["rows_in"]) for tile in page.context["tiles"] if tile["url"]}
    assert len(figures) >= 6
    for address, count in figures:
        assert client.get(unescape(address)).context["totals"].count == int(count), address


def test_the_days_in_a_stage_are_those_of_the_stays_that_ended_in_the_time(mia, rita, tom, stages, deal_of, as_user):
    """Rita's deals stayed 10 and 20 days and left in June; one left in May, one is still there, one was Tom's then."""
    june = datetime(2026, 6, 10, 9, tzinfo=UTC)
    for owner, days, left in (
        (rita, 10, june),
        (rita, 20, june),
        (rita, 5, june - timedelta(days=30)),
        (rita, 9, None),
        (tom, 3, june),
    ):
        deal = deal_of(rita)
        DealVersion.objects.filter(deal=deal).delete()
        facts = {"deal": deal, "amount": None, "close_date": None, "forecast_category": "pipeline"}
        since = (left or june) - timedelta(days=days)
        changed = since + timedelta(days=1)  # the amount changes: no other stay
        DealVersion.objects.create(stage=stages["Prospecting"], owner=owner, during=(since, changed), **facts)
        DealVersion.objects.create(stage=stages["Prospecting"], owner=owner, during=(changed, left), **facts)
        if left:
            DealVersion.objects.create(stage=stages["Engaging"], owner=rita, during=(left, None), **facts)
    client = as_user(mia)
    page = client.get(reverse(PAGE), {"close_from": "2026-06-01", "close_to": "2026-06-30"})
    [row] = page.context["stays"]
    assert (row["stage"].name, row["spread"].deals, row["spread"].half, row["spread"].longest) == ("Prospecting", 2, 10, 20)
    assert client.get(row["url"]).context["totals"].count == 2
    assert Deal.objects.count() == 5 and date(2026, 6, 30) < rita.today
