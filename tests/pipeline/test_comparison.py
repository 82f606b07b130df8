"""The deal list and the board of two days side by side: what differs, in what, and sums that agree with the waterfall."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db.models.functions import Lower, Upper
from django.utils import timezone

from pipeline.models import Deal, DealVersion


@pytest.fixture
def ten_days(rita, sam, tom, deal_of, stages):
    """Deals that stood ten days ago, and what became of each five days ago; one is new. Returns {name: deal}."""
    names = ("won", "moved", "grown", "put off", "passed on", "came", "kept")
    owners = {"came": tom}
    deals = {name: deal_of(owners.get(name, rita), name=name, amount=Decimal(1000), close_date=rita.today) for name in names}
    changed = {
        "won": {"stage": stages["Won"], "status": "won"},
        "moved": {"stage": stages["Engaging"]},
        "grown": {"amount": Decimal("1000.01")},
        "put off": {"close_date": rita.today + timedelta(days=90)},
        "passed on": {"owner": tom},
        "came": {"owner": sam},
    }
    DealVersion.objects.update(during=(timezone.now() - timedelta(days=10), None))
    for name, facts in changed.items():
        Deal.objects.filter(pk=deals[name].pk).update(**facts)
    deals["new"] = deal_of(rita, name="new", amount=Decimal(70), close_date=rita.today)
    five = timezone.now() - timedelta(days=5)
    rows = DealVersion.objects.annotate(since=Lower("during"), until=Upper("during"))
    for row in rows.filter(deal__in=[each.pk for each in deals.values()]):
        since = five if row.since > five else row.since
        DealVersion.objects.filter(pk=row.pk).update(during=(since, five if row.until else None))
    return deals


def of_days(today, first=8, last=None, **more):
    """The address of two days: so many days ago, and so many or today."""
    asked = {"as_of": today - timedelta(days=first), "compare": today - timedelta(days=last or 0)}
    return "?" + urlencode(asked | more)


def differing(response):
    """{deal: (what happened, what differs)} of the rows."""
    return {
        row["deal"].name: (
            str(row["what"]),
            [(str(what), then and str(then), now and str(now)) for what, then, now in row["facts"]],
        )
        for row in response.context["rows"]
    }


def test_a_list_of_two_days_says_of_each_deal_what_it_was_and_is(ten_days, mia, teams, as_user):
    page = as_user(mia).get("/deals/" + of_days(mia.today, team=teams["north"].pk))
    found = differing(page)
    assert {name: what for name, (what, _facts) in found.items()} == {
        "won": "Gone", "moved": "Changed", "grown": "Changed", "put off": "Changed", "passed on": "Gone", "came": "Came in",
        "new": "New",
    }  # fmt: skip
    assert found["moved"][1] == [("Stage", "Prospecting", "Engaging")]
    assert found["passed on"][1][0][:2] == ("Owner", "Rita")
    assert found["came"][1][0][2] == "Sam"
    assert [what for what, _then, _now in found["put off"][1]] == ["Close date"]
    assert [(what, then) for what, then, _now in found["new"][1]] == [
        ("Stage", None), ("Owner", None), ("Amount", None), ("Close date", None),
    ]  # fmt: skip


def test_the_days_may_be_given_either_way_round(ten_days, rita, as_user):
    client = as_user(rita)
    one, other = (client.get("/deals/" + of_days(rita.today, *days)) for days in ((8, 2), (2, 8)))
    assert differing(one) == differing(other) != {}
    assert differing(client.get("/deals/" + of_days(rita.today, 8, 6))) == {}


def test_one_kind_of_difference_can_be_looked_at_alone(ten_days, mia, as_user):
    page = as_user(mia).get("/deals/" + of_days(mia.today, differs="amount"))
    assert [*differing(page)] == ["grown"]
    assert page.context["count"] == 1


@pytest.mark.parametrize("who", ["mia", "otto"])
def test_the_sums_agree_to_the_cent_with_the_waterfall(ten_days, who, mia, otto, teams, as_user):
    viewer = {"mia": mia, "otto": otto}[who]
    client, team = as_user(viewer), teams["north"].pk
    tiles = client.get("/deals/" + of_days(viewer.today, team=team)).context["tiles"]
    since = viewer.today - timedelta(days=8)
    bars = client.get(f"/review/changes/?since={since}&until={viewer.today}&period=all&team={team}").context["bars"]
    start, end = bars[0], bars[-1]
    assert (start["count"], start["amount"]) == (6, Decimal(6000))
    assert (end["count"], end["amount"]) == (6, Decimal("5070.01"))
    assert [tile["since"] for tile in tiles] == ["6 deals", "6 deals", "0 deals"]
    assert ['value="6000' in tiles[0]["number"], 'value="5070.0100"' in tiles[1]["number"]] == [True, True]
    assert 'value="-929.9900"' in tiles[2]["number"]


def test_each_figure_leads_to_its_rows(ten_days, mia, as_user):
    client = as_user(mia)
    tiles = client.get("/deals/" + of_days(mia.today)).context["tiles"]
    for tile in tiles[:2]:
        assert f"{client.get(tile['url']).context['totals'].count} deals" == tile["since"]


def test_the_board_of_two_days_says_what_each_column_held(ten_days, mia, teams, as_user):
    client = as_user(mia)
    page = client.get("/board/" + of_days(mia.today, team=teams["north"].pk))
    assert [(row["stage"].name, row["then"].count, row["now"].count, row["more"]) for row in page.context["rows"]] == [
        ("Prospecting", 6, 5, -1), ("Engaging", 0, 1, 1),
    ]  # fmt: skip
    for row in page.context["rows"]:
        assert client.get(row["then_url"]).context["totals"].count == row["then"].count
        assert client.get(row["now_url"]).context["totals"].amounts == row["now"].amounts
    engaging = differing(client.get(page.context["rows"][1]["url"]))
    assert {name: what for name, (what, _facts) in engaging.items()} == {"moved": "Came in"}


def test_a_hidden_deal_differs_for_nobody_else(ten_days, tom, as_user):
    assert {*differing(as_user(tom).get("/deals/" + of_days(tom.today)))} == {"passed on", "came"}  # he covers the account


def test_a_day_compared_with_itself_says_so(ten_days, rita, as_user):
    assert "compares a day with itself" in as_user(rita).get("/deals/" + of_days(rita.today, 3, 3)).content.decode()
