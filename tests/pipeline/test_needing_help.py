"""The deals of a review that need help most: why, in which order, and whose."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Activity
from pipeline.engine.needing_help import Facts, most_in_need, reasons_of
from pipeline.engine.pace import Pace
from pipeline.models import StageStay
from pipeline.services import change_deal, make_call
from salesorg.lib.periods import quarter_of
from salesorg.people.roles import Role

from .test_versions import at, effective_at

TODAY = date(2026, 11, 23)
WEEK = "pipeline:review_week"
FINE = {"close_date": TODAY, "next_step_on": TODAY, "last_contact": TODAY, "pace": Pace(10, 20)}


def days(number):
    return TODAY - timedelta(days=number)


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        ({}, []),
        ({"close_date": days(1)}, [("past", 1)]),
        ({"has_slipped": True}, [("slipped", None)]),
        ({"pushes": ((days(9), days(2)),)}, []),
        ({"pushes": ((days(9), days(2)), (days(2), TODAY))}, [("pushed", None)]),
        ({"age": 20}, []),
        ({"age": 21}, [("rotting", 21)]),
        ({"age": 21, "pace": None}, []),
        ({"is_commit": True, "last_contact": days(13)}, []),
        ({"is_commit": True, "last_contact": days(14)}, [("quiet", 14)]),
        ({"is_commit": True, "last_contact": None}, [("quiet", None)]),
        ({"last_contact": None}, []),
        ({"next_step_on": None}, [("no_step", None)]),
        ({"next_step_on": days(6)}, []),
        ({"next_step_on": days(7)}, [("late_step", 7)]),
        ({"close_date": days(1), "next_step_on": None, "age": 30}, [("past", 1), ("rotting", 30), ("no_step", None)]),
    ],
)
def test_a_deal_needs_help_for_reasons_anybody_can_check(facts, reasons):
    found = reasons_of(Facts(1, **FINE | facts), TODAY)
    assert [(reason.kind, reason.days) for reason in found] == reasons


def test_what_is_large_and_goes_wrong_in_several_ways_comes_first():
    late, no_step = {"close_date": days(1)}, {"next_step_on": None}
    facts = {1: (900, late), 2: (500, late | no_step), 3: (9_000, {}), 4: (900, no_step)}
    deals = [Facts(pk, Decimal(amount), **FINE | what) for pk, (amount, what) in facts.items()]
    assert [need.deal for need in most_in_need(deals, TODAY, 3)] == [2, 1, 4]


def test_the_review_says_in_words_why_a_deal_needs_help(mia, rita, tom, deal_of, stages, as_user):
    today = rita.today
    StageStay.objects.create(stage=stages["Engaging"], stays=30, half=5, most=10)
    old, step = {"stage_since": timezone.now() - timedelta(days=12)}, {"next_step_on": today}
    slow = deal_of(rita, name="Slow", amount=700, stage="Engaging", close_date=today, **step | old)
    late = deal_of(rita, name="Late", amount=400, close_date=today - timedelta(days=3), next_step_on=today - timedelta(days=8))
    sure = deal_of(rita, name="Sure", amount=300, close_date=today, forecast_category="commit", **step)
    deal_of(rita, name="Fine", amount=9_000, close_date=today, **step)
    heard = deal_of(rita, name="Heard", amount=8_000, close_date=today, forecast_category="commit", **step)
    Activity.objects.create(account=heard.account, user=rita, kind="call", done_at=timezone.now())
    deal_of(tom, name="Strange", amount=99_000, close_date=today - timedelta(days=3))
    needs = as_user(mia).get(reverse(WEEK)).context["needs"]
    assert [(need["deal"], need["reasons"]) for need in needs] == [
        (late, ["Close date passed 3 days ago", "Next step 8 days late"]),
        (slow, ["12 days in Engaging, where nine of ten leave within 10"]),
        (sure, ["Forecast as commit, yet no contact was ever logged"]),
    ]


def test_a_deal_that_slips_out_of_the_period_and_is_pushed_again_and_again_needs_help(mia, rita, deal_of, as_user):
    today = rita.today
    with transaction.atomic():
        effective_at(at(today - timedelta(days=20)))
        deal = deal_of(rita, close_date=today - timedelta(days=1), next_step_on=today)
        effective_at(at(today - timedelta(days=15)))
        change_deal(deal=deal, close_date=today, actor=rita)
        effective_at(None)
    change_deal(deal=deal, close_date=today + timedelta(days=250), actor=rita)
    page = as_user(mia).get(reverse(WEEK))
    (need,) = page.context["needs"]
    assert need["deal"] == deal
    slipped, pushed = need["reasons"]
    assert (slipped.startswith("Slipped out of Q"), pushed.startswith("Close date pushed 2 times, from")) == (True, True)
    assert [bar["name"] for bar in page.context["bars"]][1:-1] == ["Pushed out"]


def test_every_bar_of_the_week_and_every_figure_of_the_call_lead_to_exactly_their_deals(mia, rita, sam, deal_of, as_user):
    today = rita.today
    with transaction.atomic():
        effective_at(at(today - timedelta(days=20)))
        deal_of(rita, amount=100, close_date=today)
        grown = deal_of(sam, amount=10, close_date=today)
        effective_at(None)
    change_deal(deal=grown, amount=30, actor=sam)
    deal_of(rita, amount=7, close_date=today, forecast_category="commit")
    client = as_user(mia)
    bars = client.get(reverse(WEEK)).context["bars"]
    assert [(bar["name"].split(",")[0], bar["count"], bar["amount"]) for bar in bars] == [
        ("Open", 2, 110), ("New", 1, 7), ("Grown", 1, 20), ("Open now", 3, 137),
    ]  # fmt: skip
    for bar in (bars[0], bars[-1]):
        totals = client.get(bar["url"]).context["totals"]
        assert (totals.count, totals.amounts["USD"]) == (bar["count"], bar["amount"])
    for bar in bars[1:-1]:
        rows = client.get(bar["url"]).context["rows"]
        assert (len(rows), sum(row["change"].difference for row in rows)) == (bar["count"], bar["amount"])
    for line in client.get(reverse("pipeline:review")).context["categories"]:
        totals = client.get(line["url"]).context["totals"]
        assert (totals.count, totals.amounts.get("USD", 0)) == (line["count"], line["amount"])


def test_the_leader_of_a_sibling_team_reads_nothing_of_it(mia, tom, person, deal_of, teams, as_user):
    make_call(
        period=quarter_of(tom.today), commit=5, best_case=6, team=teams["south"], actor=person("max", "south", Role.MANAGER)
    )
    deal_of(tom, amount=5000, close_date=tom.today - timedelta(days=3))
    south, client = {"team": teams["south"].pk}, as_user(mia)
    main, week = client.get(reverse("pipeline:review"), south).context, client.get(reverse(WEEK), south).context
    assert (main["whole"].whole, main["whole"].late, main["parts"], main["calls"], main["call_url"]) == (0, 0, [], [], "")
    assert ([bar["count"] for bar in week["bars"]], week["needs"]) == ([0, 0], [])


def test_on_a_past_day_nobody_needs_help_and_the_page_says_so(mia, rita, deal_of, as_user):
    deal_of(rita, close_date=rita.today - timedelta(days=3))
    yesterday = {"as_of": (rita.today - timedelta(days=1)).isoformat()}
    page = as_user(mia).get(reverse(WEEK), yesterday)
    assert (page.context["needs"], "asked of today" in page.content.decode()) == (None, True)
