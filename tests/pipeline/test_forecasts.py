"""A period's forecast: what the deals say by category, beside what people say; calls are kept for ever."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from django.utils import timezone

from commissions.models import Quota
from pipeline.models import ForecastCall, LossReason
from pipeline.services import make_call
from salesorg.lib.errors import DomainError
from salesorg.lib.periods import quarter_of
from salesorg.people.models import Membership
from salesorg.people.roles import Role

FORECAST, CALL = "pipeline:forecast", "pipeline:forecast_call"


@pytest.fixture
def quarter(rita):
    return quarter_of(rita.today)


@pytest.fixture
def deals(rita, sam, tom, deal_of, quarter):
    """Rita: 100 closed, 20 commit, 7 best case, 3 pipeline, 1 omitted, 50 next quarter, 9 late; Sam: 5 commit, 6 in euro."""
    inside = {"close_date": quarter.last_day}

    def deal(user, amount, category, **fields):
        return deal_of(user, amount=amount, forecast_category=category, **inside | fields)

    deal(rita, 100, "closed", stage="Won")
    deal(rita, 20, "commit", stage="Engaging")
    deal(rita, 7, "best_case")
    deal(rita, 3, "pipeline")
    deal(rita, 1, "omitted")
    deal(rita, 50, "commit", close_date=quarter.until)
    deal(rita, 9, "commit", close_date=quarter.start - timedelta(days=1))
    deal(rita, 11, "omitted", stage="Lost", loss_reason=LossReason.objects.create(name="Price"))
    deal(sam, 5, "commit")
    deal(sam, 6, "commit", currency="EUR")
    deal(tom, 4000, "commit")


@pytest.fixture
def dora(person):
    return person("dora", "east", Role.DIRECTOR)


def said(context):
    whole = context["whole"]
    return [int(getattr(whole, name)) for name in ("closed", "commit", "best_case", "pipeline")]


def test_a_period_rolls_up_by_category_what_closes_in_it(mia, rita, deals, as_user):
    team = as_user(mia).get(reverse(FORECAST)).context
    assert said(team) == [100, 25, 7, 3]
    assert (team["whole"].late, team["whole"].left_out) == (1, {"EUR": 1})
    assert team["whole"].pace == Decimal("100") + Decimal("10") + Decimal("0.7") + Decimal("0.3") + Decimal("0.5")
    parts = {row["name"]: int(row["forecast"].rolled_commit) for row in team["parts"]}
    assert parts == {"Rita": 120, "Sam": 5}
    assert said(as_user(rita).get(reverse(FORECAST)).context) == [100, 20, 7, 3]


def test_a_director_sees_each_team_below_and_its_managers_call(dora, mia, rita, tom, deals, quarter, teams, as_user):
    make_call(period=quarter, commit=130, best_case=140, team=teams["north"], actor=mia)
    rows = as_user(dora).get(reverse(FORECAST)).context["parts"]
    assert [(row["name"], int(row["forecast"].commit), row["call"] and int(row["call"].commit)) for row in rows] == [
        ("North", 25, 130),
        ("South", 4000, None),
    ]


@pytest.mark.parametrize("who", ["mia", "otto"])
def test_every_figure_of_a_forecast_leads_to_exactly_its_deals(who, mia, otto, deals, teams, as_user):
    client = as_user({"mia": mia, "otto": otto}[who])
    page = client.get(reverse(FORECAST), {"team": teams["north"].pk})
    for line in page.context["categories"]:
        totals = client.get(line["url"]).context["totals"]
        assert totals.count == line["count"]
        assert line["amount"] is None or totals.amounts.get("USD", 0) == line["amount"]
    assert client.get(page.context["late_url"]).context["totals"].count == page.context["whole"].late
    cells = [re.search(r'href="([^"]+)".*?value="([\d.]+)"', cell) for row in page.context["parts"] for cell in row["cells"]]
    assert len([cell for cell in cells if cell]) == 5
    for cell in filter(None, cells):
        assert client.get(unescape(cell[1])).context["totals"].amounts == {"USD": Decimal(cell[2])}


def test_what_somebody_closed_stays_with_the_team_they_closed_it_in(
    otto, rita, sam, tom, deals, deal_of, quarter, teams, as_user
):
    """Sam wins 40 in North on the first day of the quarter and 2 in South on the second, and then leaves the company."""
    first, second = quarter.start, quarter.start + timedelta(days=1)
    Membership.objects.filter(user=sam).update(during=DateRange(date(2020, 1, 1), second))
    Membership.objects.create(user=sam, team=teams["south"], role=Role.AE, during=DateRange(second, second + timedelta(days=1)))
    deal_of(sam, amount=40, stage="Won", close_date=first)
    deal_of(sam, amount=2, stage="Won", close_date=second)
    client = as_user(otto)
    east = client.get(reverse(FORECAST), {"team": teams["east"].pk}).context
    assert {row["name"]: int(row["forecast"].closed) for row in east["parts"]} == {"North": 140, "South": 2}
    assert int(east["whole"].closed) == 142
    for name, closed in (("north", {"Rita": 100, "Sam": 40}), ("south", {"Sam": 2, "Tom": 0})):
        page = client.get(reverse(FORECAST), {"team": teams[name].pk}).context
        assert {row["name"]: int(row["forecast"].closed) for row in page["parts"]} == closed
        for row in page["parts"]:
            if cell := re.search(r'href="([^"]+)"', row["cells"][0]):
                assert int(client.get(unescape(cell[1])).context["totals"].amounts["USD"]) == closed[row["name"]]
    rates = client.get(reverse("pipeline:win_rates"), {"by": "team", "period": "quarter"}).context["rows"]
    assert {row["name"]: row["rate"].won for row in rates} == {"Northwind": 3, "East": 3, "North": 2, "South": 1}
    for row in rates:
        assert client.get(row["urls"]["won"]).context["totals"].count == row["rate"].won


def test_the_quota_of_the_quarter_is_that_of_its_months_together(mia, rita, sam, deals, quarter, as_user):
    half = quarter.start + timedelta(days=31)
    Quota.objects.create(user=rita, amount=40, currency="USD", during=DateRange(date(2020, 1, 1), None))
    Quota.objects.create(user=sam, amount=10, currency="USD", during=DateRange(half.replace(day=1), None))
    whole = as_user(mia).get(reverse(FORECAST)).context["whole"]
    assert (whole.quota, whole.gap) == (140, 40)


def test_a_call_keeps_what_the_deals_said_at_that_moment(rita, deals, quarter, stages):
    call = make_call(period=quarter, commit=Decimal(110), best_case=Decimal(125), note="Acme slips", actor=rita)
    rita.deals.filter(amount=20).update(amount=2)
    call.refresh_from_db()
    assert (call.rolled_commit, call.rolled_best_case, call.pipeline_then) == (120, 127, 3)


def test_calls_are_added_and_never_changed(rita, quarter):
    call = make_call(period=quarter, commit=1, best_case=2, actor=rita)
    for change in (lambda: ForecastCall.objects.filter(pk=call.pk).update(commit=0), call.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"best_case": 1}, "best case"),
        ({"period": "last"}, "over"),
        ({"team": "north"}, "leads a team"),
    ],
)
def test_a_call_that_cannot_be_is_refused_in_words(rita, mia, quarter, teams, changes, words):
    facts = {"commit": 2, "best_case": 3, "period": quarter} | changes
    if facts["period"] == "last":
        facts["period"] = quarter_of(quarter.start - timedelta(days=1))
    facts["team"] = teams.get(facts.get("team"))
    with pytest.raises(DomainError, match=words):
        make_call(**facts, actor=rita)


def test_only_leaders_above_and_operations_see_a_call(cast, dora, quarter):
    make_call(period=quarter, commit=1, best_case=2, actor=cast["rita"])
    seen = {name for name, person in (cast | {"dora": dora}).items() if ForecastCall.objects.visible_to(person).exists()}
    assert seen == {"rita", "mia", "dora", "otto", "fay"}


def test_who_leads_no_more_no_longer_calls_for_the_team(mia, teams, quarter):
    Membership.objects.filter(user=mia).update(during=DateRange(date(2020, 1, 1), mia.today))
    with pytest.raises(DomainError):
        make_call(period=quarter, commit=1, best_case=2, team=teams["north"], actor=mia)


def test_a_rep_calls_on_a_page_and_the_manager_reads_it_beside_the_deals(rita, mia, deals, as_user):
    sent = as_user(rita).post(reverse(CALL), {"commit": "115", "best_case": "90", "note": "Acme"})
    assert (sent.status_code, "cannot be below" in sent.content.decode()) == (422, True)
    sent = as_user(rita).post(reverse(CALL), {"commit": "115", "best_case": "130", "note": "Acme"})
    assert sent.url.startswith(reverse(FORECAST))
    rows = as_user(mia).get(reverse(FORECAST)).context["parts"]
    assert {row["name"]: row["call"] and row["call"].commit for row in rows} == {"Rita": 115, "Sam": None}
    page = as_user(mia).get(reverse(FORECAST), {"owner": rita.pk}).content.decode()
    assert "Acme" in page


def test_a_form_that_is_sent_twice_makes_one_call_and_with_other_amounts_a_second(rita, mia, deals, as_user):
    form = as_user(rita).get(reverse(CALL)).context["form"]
    sent = {"commit": "115", "best_case": "130", "note": "Acme", "client_id": str(form["client_id"].value())}
    for typed in (sent, sent, sent | {"commit": "120"}):
        assert as_user(rita).post(reverse(CALL), typed).status_code == 302
    assert [call.commit for call in rita.forecast_calls.all()] == [120, 115]
    as_user(mia).post(reverse(CALL), sent)  # somebody else's form: never answered with rita's call
    assert mia.forecast_calls.get().commit == 115


def test_the_history_shows_how_a_call_moved_and_how_right_it_was(rita, deal_of, quarter, as_user):
    before = quarter_of(quarter.start - timedelta(days=1))
    noon = datetime(before.start.year, before.start.month, before.start.day, 12, tzinfo=ZoneInfo("UTC"))
    for weeks, commit in enumerate((100, 140, 120)):
        make_call(period=before, commit=commit, best_case=200, actor=rita, now=noon + timedelta(weeks=weeks))
    deal_of(rita, amount=100, stage="Won", close_date=before.last_day)
    then = as_user(rita).get(reverse(FORECAST), {"starting": before.start.isoformat()})
    assert [(call.commit, call.step) for call in then.context["calls"]] == [(120, -20), (140, 40), (100, None)]
    assert "calls-chart" in then.content.decode()
    (past,) = as_user(rita).get(reverse(FORECAST)).context["earlier"]
    assert (past.first.commit, past.last.commit, past.closed, past.off) == (100, 120, 100, Decimal("0.2"))


def test_the_forecast_of_a_past_day_knows_nothing_of_what_came_later(rita, deals, quarter, as_user):
    make_call(period=quarter, commit=1, best_case=2, actor=rita, now=timezone.now())
    past = as_user(rita).get(reverse(FORECAST), {"as_of": (rita.today - timedelta(days=1)).isoformat()}).context
    assert (said(past), past["calls"], past["call_url"]) == ([0, 0, 0, 0], [], "")
