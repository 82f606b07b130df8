"""A past day with later corrections: won or lost by then as recorded today, and what was undone since never happened."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from pipeline.models import Deal, DealVersion
from pipeline.services import move_deal
from salesorg.audit.services import undo

from .test_versions import at, effective_at


@pytest.fixture
def days_ago(rita):
    """What follows took effect so many days ago: days_ago(5); 0 is now again."""

    def go(days):
        effective_at(at(rita.today - timedelta(days=days)) if days else None)

    yield go
    effective_at(None)


@pytest.fixture
def deal(rita, deal_of, days_ago):
    """Rita's deal, open for ten days."""
    days_ago(10)
    deal = deal_of(rita, amount=1000, close_date=rita.today + timedelta(days=9))
    days_ago(0)
    return deal


def stood(user, days):
    """(stage, amount) of the only deal so many days ago: as it was recorded then, and with later corrections."""
    found = []
    for corrected in (False, True):
        rows = Deal.objects.visible_to(user).as_of(user.today - timedelta(days=days), corrected=corrected)
        names = {state.stage_id: state.stage.name for state in DealVersion.objects.select_related("stage")}
        found.append([(names[stage], amount) for stage, amount in rows.values_list("then_stage_id", "then_amount")])
    return found


def won_late(deal, rita, stages):
    """Won five days ago, and written down only today."""
    return move_deal(deal=deal, stage=stages["Won"], actor=rita, close_date=rita.today - timedelta(days=5), amount=Decimal(900))


def test_a_win_that_was_written_down_late_counts_from_the_day_it_was_won(rita, deal, stages):
    won_late(deal, rita, stages)
    assert stood(rita, 3) == [[("Prospecting", 1000)], [("Won", 900)]]
    assert stood(rita, 6) == [[("Prospecting", 1000)]] * 2


def test_a_deal_that_was_entered_after_it_was_won_was_there_on_the_day(rita, deal_of):
    deal_of(rita, stage="Won", close_date=rita.today - timedelta(days=5))
    assert stood(rita, 3) == [[], [("Won", 1000)]]
    assert stood(rita, 6) == [[], []]


def test_a_win_that_does_not_stand_never_was(rita, deal, stages, days_ago):
    days_ago(5)
    move_deal(deal=deal, stage=stages["Won"], actor=rita, amount=Decimal(900))
    days_ago(1)
    move_deal(deal=deal, stage=stages["Engaging"], actor=rita)
    assert stood(rita, 3) == [[("Won", 900)], [("Prospecting", 1000)]]


def test_what_was_undone_never_happened_until_the_undo_itself_is_undone(rita, deal, stages, days_ago, acting_as):
    days_ago(5)
    with acting_as(rita) as moved:
        move_deal(deal=deal, stage=stages["Engaging"], actor=rita)
    days_ago(0)
    undone = undo(context=moved.context, actor=rita)
    assert stood(rita, 3) == [[("Engaging", 1000)], [("Prospecting", 1000)]]
    undo(context=undone.context, actor=rita)
    assert stood(rita, 3) == [[("Engaging", 1000)]] * 2


def test_a_move_back_by_hand_is_a_move_and_no_correction(rita, deal, stages, days_ago):
    days_ago(5)
    move_deal(deal=deal, stage=stages["Engaging"], actor=rita)
    days_ago(1)
    move_deal(deal=deal, stage=stages["Prospecting"], actor=rita)
    assert stood(rita, 3) == [[("Engaging", 1000)]] * 2


def test_list_board_forecast_and_comparison_are_shown_with_corrections_and_say_so(rita, mia, deal, stages, as_user):
    won_late(deal, rita, stages)
    client, day = as_user(mia), (rita.today - timedelta(days=3)).isoformat()

    def page(name, **asked):
        return client.get(reverse(f"pipeline:{name}"), {"as_of": day} | asked)

    def counts(**asked):
        columns = page("board", **asked).context["columns"]
        return [column.sums.count for column in columns], page("deal_list", **asked).context["totals"].count

    assert counts() == ([1, 0, 0, 0], 1)
    assert counts(corrections="on") == ([0, 0, 1, 0], 0)
    forecast = page("forecast", corrections="on").context["whole"]
    assert forecast.closed in (900, 0)  # another quarter, in its first days
    assert forecast.pipeline == 0
    earlier = {"compare": (rita.today - timedelta(days=8)).isoformat()}
    differing = {name: page("deal_list", **earlier, **asked).context["count"] for name, asked in
                 {"then": {}, "now": {"corrections": "on"}}.items()}  # fmt: skip
    assert differing == {"then": 0, "now": 1}
    for name in ("board", "deal_list", "forecast", "review"):
        assert b"With later corrections" in page(name).content
        assert b"counts as recorded today" in page(name, corrections="on").content
    assert b"later corrections" not in page("conversion", corrections="on").content


def test_what_changed_agrees_with_the_corrected_days(rita, mia, deal, stages, as_user):
    won_late(deal, rita, stages)
    asked = {"since": rita.today - timedelta(days=8), "until": rita.today - timedelta(days=3), "period": "all"}
    client = as_user(mia)
    bars = [client.get(reverse("pipeline:changes"), asked | more).context["bars"] for more in ({}, {"corrections": "on"})]
    assert [(found[0]["count"], found[-1]["count"]) for found in bars] == [(1, 1), (1, 0)]
