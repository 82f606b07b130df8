"""The pipeline review: every figure is right, and a link to exactly its rows."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import transaction
from django.urls import reverse

from pipeline.models import Deal, Lead, LossReason, Source
from salesorg.people.roles import Role

REVIEW, WEEK, PEOPLE = "pipeline:review", "pipeline:review_week", "pipeline:review_people"


@pytest.fixture
def price(db):
    return LossReason.objects.create(name="Price")


@pytest.fixture
def quarter(rita, sam, tom, deal_of, price):
    """Rita: two open, two won, one lost; Sam: one open in euro, one lost; Tom, of another team: one open."""
    day = rita.today
    deal_of(rita, amount=1000)
    deal_of(rita, amount=3000, stage="Engaging")
    deal_of(rita, amount=500, stage="Won", close_date=day)
    deal_of(rita, amount=700, stage="Won", close_date=day)
    deal_of(rita, amount=50, stage="Lost", close_date=day, loss_reason=price)
    deal_of(rita, amount=9, stage="Won", close_date=day - timedelta(days=400))
    deal_of(sam, amount=80, currency="EUR")
    deal_of(sam, amount=20, stage="Lost", close_date=day, loss_reason=price)
    deal_of(tom, amount=4000)


def figures_of(page):
    """Every figure that is a link to rows: (count, address)."""
    found = re.findall(r'<a href="([^"]+)" data-figure="(\d+)"', page.content.decode())
    return [(int(count), unescape(address)) for address, count in found]


def test_a_manager_sees_the_own_team_by_person_and_stage(mia, quarter, as_user):
    rows = as_user(mia).get(reverse(PEOPLE)).context["rows"]
    shown = {
        row["user"].name: (
            [figure.sums.count for figure in row["stages"]],
            row["total"].sums.amounts,
            row["won"].sums.amounts,
            row["lost"].sums.count,
        )
        for row in rows
    }
    assert shown == {
        "Rita": ([1, 1], {"USD": 4000}, {"USD": 1200}, 1),
        "Sam": ([1, 0], {"EUR": 80}, {}, 1),
    }


def test_the_win_rate_is_won_by_won_and_lost_of_the_period(mia, quarter, as_user):
    context = as_user(mia).get(reverse(PEOPLE)).context
    rates = {row["user"].name: row["win_rate"] for row in context["rows"]}
    assert f"{rates['Rita']:.4f}" == "0.6667"
    assert rates["Sam"] == 0
    assert context["together"]["win_rate"] == 0.5


def test_sums_never_mix_currencies(mia, quarter, as_user):
    together = as_user(mia).get(reverse(PEOPLE)).context["together"]
    assert together["total"].sums.amounts == {"USD": 4000, "EUR": 80}
    assert together["total"].sums.weighted == {"USD": 1600, "EUR": 8}


@pytest.mark.parametrize("query", ["", "period=month", "as_of=yesterday", "team=east"])
@pytest.mark.parametrize("who", ["mia", "otto", "fay"])
def test_every_figure_leads_to_exactly_its_rows(who, query, mia, otto, fay, rita, quarter, teams, as_user):
    from .test_versions import at

    viewer = {"mia": mia, "otto": otto, "fay": fay}[who]
    with transaction.atomic():  # the past of these deals began the day before yesterday
        from django.db import connection

        with connection.cursor() as cursor:
            began = at(rita.today - timedelta(days=2))
            cursor.execute("UPDATE pipeline_dealversion SET during = tstzrange(%s, upper(during))", [began])
    query = query.replace("yesterday", (rita.today - timedelta(days=1)).isoformat()).replace("east", str(teams["east"].pk))
    client = as_user(viewer)
    page = client.get(f"{reverse(PEOPLE)}?{query}")
    figures = figures_of(page)
    figures += [(int(tile["why"]["rows_in"]), tile["url"]) for tile in page.context["tiles"]]
    figures += [(row["won"].sums.count + row["lost"].sums.count, row["closed_url"]) for row in page.context["rows"]]
    assert len(figures) > 8
    assert [client.get(address).context["totals"].count for _count, address in figures] == [count for count, _address in figures]


def test_at_the_foot_of_the_review_stands_how_many_of_last_quarters_deals_went_on(mia, rita, deal_of, stages, as_user):
    from pipeline.services import move_deal
    from salesorg.lib.periods import quarter_of

    from .test_versions import at, effective_at

    then = quarter_of(quarter_of(rita.today).start - timedelta(days=1)).start
    with transaction.atomic():
        effective_at(at(then))
        deal, _stays = deal_of(rita), deal_of(rita)
        effective_at(at(then + timedelta(days=1)))
        move_deal(deal=deal, stage=stages["Engaging"], actor=rita)
        effective_at(None)
    page = as_user(mia).get(reverse("pipeline:review_funnel"))
    assert [(step["stage"].name, step["cohort"].entered, step["cohort"].went_on) for step in page.context["funnel"]] == [
        ("Prospecting", 2, 1),
        ("Engaging", 1, 0),
    ]
    for count, address in figures_of(page):
        assert as_user(mia).get(address).context["totals"].count == count


def test_every_bar_leads_to_exactly_its_sum(mia, quarter, as_user):
    client = as_user(mia)
    bars = client.get(reverse(PEOPLE)).context["chart"]
    assert [(bar.user.name, bar.total) for bar in bars] == [("Rita", 4000), ("Sam", 0)]
    for bar in bars:
        assert client.get(bar.url).context["totals"].amounts.get("USD", 0) == bar.total
        assert sum(part["width"] for part in bar.parts) <= 1000


def test_operations_sees_everybody_and_may_choose_a_team(otto, quarter, teams, as_user):
    client = as_user(otto)
    assert {row["user"].name for row in client.get(reverse(PEOPLE)).context["rows"]} == {"Rita", "Sam", "Tom"}
    south = client.get(reverse(PEOPLE), {"team": teams["south"].pk}).context
    assert {row["user"].name for row in south["rows"]} == {"Tom"}


def test_a_large_team_shows_its_first_people_and_counts_everybody(otto, quarter, as_user, monkeypatch):
    monkeypatch.setattr("pipeline.views.review_people.SHOWN", 1)
    page = as_user(otto).get(reverse(PEOPLE))
    assert [row["user"].name for row in page.context["rows"]] == ["Rita"]
    assert page.context["together"]["total"].sums.count == 4
    assert "most open deals of 3" in page.content.decode()


def test_a_manager_cannot_look_into_another_team(mia, quarter, teams, as_user):
    page = as_user(mia).get(reverse(PEOPLE), {"team": teams["south"].pk})
    assert page.context["rows"] == []


def test_the_review_of_a_past_day_counts_what_was_open_then(mia, rita, deal_of, stages, as_user):
    from pipeline.services import move_deal

    from .test_versions import at, effective_at

    yesterday = rita.today - timedelta(days=1)
    with transaction.atomic():
        effective_at(at(yesterday))
        deal = deal_of(rita, amount=1000)
        effective_at(None)
    move_deal(deal=deal, stage=stages["Won"], actor=rita)
    client = as_user(mia)
    then = client.get(reverse(PEOPLE), {"as_of": yesterday.isoformat()}).context["together"]
    now = client.get(reverse(PEOPLE)).context["together"]
    assert (then["total"].sums.count, then["won"].sums.count) == (1, 0)
    assert (now["total"].sums.count, now["won"].sums.count) == (0, 1)


# leads


@pytest.fixture
def leads(rita, sol, tom, account_of, deal_of):
    """Three leads of North (open, qualified, won) and one of South."""
    search, fair = Source.objects.create(name="Search"), Source.objects.create(name="Fair")
    day = rita.today
    won = deal_of(rita, stage="Won")

    def lead(source, account, days, **more):
        return Lead.objects.create(source=source, account=account, first_contact_on=day - timedelta(days=days), **more)

    return {
        "open": lead(search, account_of(sol, "A"), 1, sdr=sol, landing_page="home"),
        "qualified": lead(search, account_of(rita, "B"), 5, sdr=sol, seller=rita, outcome="qualified"),
        "won": lead(fair, won.account, 40, seller=rita, outcome="qualified", deal=won),
        "strange": lead(fair, account_of(tom, "C"), 1, seller=tom),
    }


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, {"open", "qualified", "won"}),
        ({"outcome": "qualified"}, {"qualified", "won"}),
        ({"outcome": "won"}, {"won"}),
        ({"source": "Search"}, {"open", "qualified"}),
        ({"landing_page": "home"}, {"open"}),
        ({"mine": "1"}, {"qualified", "won"}),
        ({"sdr": "sol"}, {"open", "qualified"}),
        ({"seller": "rita"}, {"qualified", "won"}),
        ({"first_from": 10}, {"open", "qualified"}),
        ({"first_to": 10}, {"won"}),
    ],
    ids=lambda part: str(part if isinstance(part, dict) else sorted(part)),
)
def test_the_list_of_leads_shows_what_its_address_says(rita, sol, leads, as_user, filters, names):
    people = {"sol": sol.pk, "rita": rita.pk}
    sources = dict(Source.objects.values_list("name", "pk"))
    days = {10: (rita.today - timedelta(days=10)).isoformat()}
    query = {name: (people | sources | days).get(value, value) for name, value in filters.items()}
    context = as_user(rita).get(reverse("pipeline:lead_list"), query).context
    assert {lead.pk for lead in context["page"].rows} == {leads[name].pk for name in names}
    assert context["outcomes"]["total"] == len(names)


def test_a_lead_says_where_it_came_from_and_what_became_of_it(rita, leads, as_user):
    page = as_user(rita).get(reverse("pipeline:lead_detail", args=[leads["won"].pk])).content.decode()
    assert "Fair" in page
    assert Deal.objects.get(lead=leads["won"]).get_absolute_url() in page


def test_sellers_do_not_open_the_review(rita, as_user):
    assert Role.AE in rita.scope.roles
    assert as_user(rita).get(reverse(REVIEW)).status_code == 403
