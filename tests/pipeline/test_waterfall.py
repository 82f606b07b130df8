"""What changed between two days: one cause for each deal, and sums that balance to the cent."""

from datetime import timedelta
from decimal import Decimal
from html import unescape
from re import findall

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.waterfall import CAUSES, Side, change_of, steps_of
from pipeline.models import Deal, DealVersion
from pipeline.views.changes import WORDS
from salesorg.people.models import Membership

cents = st.decimals(0, 10**15, places=2)
sides = st.one_of(
    st.just(Side()),
    st.builds(Side, st.sampled_from(["open", "won", "lost"]), st.booleans(), st.booleans(), cents, st.booleans()),
)


@given(st.lists(st.tuples(sides, sides), max_size=30))
def test_the_bars_lead_from_one_sum_to_the_other_to_the_cent(pairs):
    changes = [change for deal, pair in enumerate(pairs) if (change := change_of(deal, *pair))]
    start, end = (sum((pair[i].value for pair in pairs), Decimal(0)) for i in (0, 1))
    steps = steps_of(start, changes)
    assert start + sum((step.amount for step in steps), Decimal(0)) == end
    assert sum(step.count for step in steps) == len(changes) == len({change.deal for change in changes})
    assert sum(change.more for change in changes) == sum(pair[1].counts - pair[0].counts for pair in pairs)
    assert all(0 <= step.low <= step.high for step in steps)


@given(cents, st.lists(st.sampled_from(["north", "south", "nobody"]), min_size=2, max_size=2))
def test_a_deal_that_changes_its_team_adds_nothing_to_both_together(amount, owners):
    differences = [
        change.difference
        for team in ("north", "south", "nobody")
        if (change := change_of(1, *(Side("open", owner == team, True, amount) for owner in owners)))
    ]
    assert sum(differences) == 0


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        (Side(), Side("open", True, True, 5), "created"),
        (Side("won", True, True, 5), Side("open", True, True, 5), "reopened"),
        (Side("open", False, False, 5), Side("open", True, True, 9), "moved_in"),
        (Side("open", True, False, 5), Side("open", True, True, 9), "pulled_in"),
        (Side("open", True, True, 5), Side("open", True, True, 9), "grown"),
        (Side("open", True, True, 9), Side("open", True, True, 5), "shrunk"),
        (Side("open", True, True, 9), Side("won", False, False, 5), "won"),
        (Side("open", True, True, 9), Side("lost", False, False, 5), "lost"),
        (Side("open", True, True, 9), Side("open", False, False, 5), "moved_out"),
        (Side("open", True, True, 9), Side("open", True, False, 5), "pushed_out"),
        (Side("open", True, True, 9), Side(), "deleted"),
        (Side("open", True, True, 9), Side("open", True, True, 9, passes=False), "dropped"),
        (Side("open", True, True, 9, passes=False), Side("open", True, True, 9), "entered"),
        (Side(), Side("won", True, True, 9), None),
    ],
)
def test_of_several_causes_the_first_counts(before, after, cause):
    assert getattr(change_of(1, before, after), "cause", None) == cause


def test_every_cause_has_its_words():
    assert set(WORDS) == set(CAUSES)


# ── on the page ──


@pytest.fixture
def week(rita, sam, tom, deal_of, stages, acting_as):
    """Deals that stood ten days ago, and what became of each since. Returns {what became of it: the deal}."""
    today = rita.today
    then = timezone.now() - timedelta(days=10)
    names = ("won", "lost", "pushed", "pulled", "grown", "shrunk", "came", "passed on", "kept")
    close = {"pulled": today + timedelta(days=400)}
    owners = {"came": tom}
    deals = {
        name: deal_of(owners.get(name, rita), name=name, amount=Decimal(1000), close_date=close.get(name, today))
        for name in names
    }
    DealVersion.objects.update(during=(then, None))
    deals["new"] = deal_of(rita, name="new", amount=Decimal(70), close_date=today)
    changed = {
        "won": {"stage": stages["Won"], "status": "won"},
        "lost": {"stage": stages["Lost"], "status": "lost", "gate_debt": ["loss_reason"]},
        "pushed": {"close_date": today + timedelta(days=400)},
        "pulled": {"close_date": today},
        "grown": {"amount": Decimal("1000.01")},
        "shrunk": {"amount": Decimal(400)},
        "came": {"owner": sam},
        "passed on": {"owner": sam},
    }
    for name, facts in changed.items():
        Deal.objects.filter(pk=deals[name].pk).update(**facts)
    return deals


def bars_of(response):
    """{name: (number, sum)} of the bars on the page."""
    return {str(bar["name"]): (bar["count"], bar["amount"]) for bar in response.context["bars"]}


def test_mia_sees_what_came_and_went_in_her_team(week, mia, as_user):
    bars = bars_of(as_user(mia).get("/review/changes/?days=week"))
    (start, first), *between, (end, last) = bars.items()
    assert (start.startswith("Open, end of"), first) == (True, (7, Decimal(7000)))
    assert dict(between) == {
        "New": (1, 70),
        "Pulled in": (1, 1000),
        "Taken over": (1, 1000),
        "Grown": (1, Decimal("0.01")),
        "Won": (1, -1000),
        "Lost": (1, -1000),
        "Pushed out": (1, -1000),
        "Shrunk": (1, -600),
    }
    assert (end, last) == ("Open now", (7, Decimal("5470.01")))


def test_both_ends_are_the_lists_of_the_two_days_and_every_bar_opens_its_deals(week, mia, as_user):
    client = as_user(mia)
    page = client.get("/review/changes/?days=week")
    for bar in (page.context["bars"][0], page.context["bars"][-1]):
        listed = client.get(unescape(bar["url"]))
        assert (listed.context["totals"].count, listed.context["totals"].amounts) == (bar["count"], {"USD": bar["amount"]})
    for bar in page.context["bars"][1:-1]:
        rows = client.get(bar["url"]).context["rows"]
        assert (len(rows), sum(row["change"].difference for row in rows)) == (bar["count"], bar["amount"])
    assert {row["deal"].name for row in page.context["rows"]}.isdisjoint({"kept", "passed on"})


def test_who_leaves_a_team_takes_the_deals_along_without_a_change_of_any(week, rita, mia, teams, as_user):
    Membership.objects.filter(user=rita).update(during=DateRange(rita.today - timedelta(days=400), rita.today))
    Membership.objects.create(user=rita, team=teams["east"], role=3, during=DateRange(rita.today, None))
    Membership.objects.filter(user=mia).update(team=teams["east"])
    north = f"/review/changes/?days=week&team={teams['north'].pk}"
    page = as_user(mia).get(north)
    bars = bars_of(page)
    assert bars["Passed on"][0] == 4  # what rita still has, and the owner counts before the date: kept, grown, shrunk, pushed
    start = page.context["bars"][0]
    assert (start["count"], as_user(mia).get(unescape(start["url"])).context["totals"].count) == (7, 7)


def test_two_days_in_the_past_are_compared_and_nonsense_is_said(week, mia, as_user):
    today, client = mia.today, as_user(mia)
    since, until = today - timedelta(days=9), today - timedelta(days=5)
    page = client.get(f"/review/changes/?since={since}&until={until}")
    assert [bar["count"] for bar in page.context["bars"]] == [7, 7]
    assert "Nothing changed" in page.content.decode()
    odd = client.get(f"/review/changes/?since=x&until=9999-12-31&days=never&cause=boo&currency=%00&team={'9' * 30}")
    assert odd.status_code == 200
    assert findall("could not be read", odd.content.decode())
    assert client.get(f"/review/changes/?since={today}&until=1900-01-01").status_code == 200
