"""Activity figures against targets: what is counted, for whom, and that every figure leads to exactly its rows."""

import itertools
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.figures import periods
from accounts.measures import counted
from accounts.models import Activity, ActivityTarget, Measure
from accounts.services import log_activity, plan_activity
from accounts.services.targets import set_target
from pipeline.models import Lead, Source
from salesorg.lib.errors import DomainError
from salesorg.people.models import PublicHoliday
from salesorg.people.roles import Role

SINCE = date(2025, 1, 1)


def at(day, hour=10):
    return datetime.combine(day, datetime.min.time(), timezone.get_current_timezone()) + timedelta(hours=hour)


def figures(response):
    """{(person, measure): [numbers]} of the page."""
    return {
        (person.name, chart.label): [bar.number for bar in chart.bars]
        for person, charts, _rows in response.context["people"]
        for chart in charts
    }


@pytest.fixture
def work(rita, sam, sol, account_of):
    """One of everything by rita last week, a call of sam's two weeks ago, a lead of sol's this week."""
    account = account_of(rita)
    week = rita.today - timedelta(days=rita.today.weekday() + 5)
    for kind in ("visit", "call", "call", "proposal_meeting", "note"):
        log_activity(account=account, kind=kind, done_at=at(week), actor=rita)
    booked = plan_activity(account=account, kind="demo", due_on=rita.today + timedelta(days=30), actor=rita)
    Activity.objects.filter(pk=booked.pk).update(created_at=at(week))
    log_activity(account=account_of(sam), kind="call", done_at=at(week - timedelta(days=7)), actor=sam)
    source = Source.objects.create(name="Search")
    Lead.objects.create(account=account, source=source, sdr=sol, first_contact_on=sol.today)


def test_a_rep_sees_the_own_weeks(work, rita, as_user):
    found = figures(as_user(rita).get("/accounts/figures/"))
    assert {name for name, _label in found} == {"Rita"}
    assert found["Rita", "Calls"] == [0, 0, 0, 0, 0, 0, 2, 0]
    assert [found["Rita", label][-2] for label in ("Visits", "Meetings booked", "Proposals", "Leads created")] == [1, 1, 1, 0]


def test_a_manager_sees_each_of_the_team_and_all_together(work, mia, as_user):
    response = as_user(mia).get("/accounts/figures/")
    found = figures(response)
    assert {name for name, _label in found} == {"Rita", "Sam", "Sol"}
    assert found["Sam", "Calls"][-3] == 1
    assert found["Sol", "Leads created"][-1] == 1
    together = {chart.label: [bar.number for bar in chart.bars] for chart, _why in response.context["team_charts"]}
    assert together["Calls"] == [0, 0, 0, 0, 0, 1, 2, 0]


def test_small_charts_of_one_measure_share_their_scale(work, mia, as_user):
    for _person, charts, _rows in as_user(mia).get("/accounts/figures/").context["people"]:
        assert next(chart.most for chart in charts if chart.label == "Calls") == 2


def test_every_figure_leads_to_exactly_its_rows(work, mia, as_user):
    client = as_user(mia)
    context = client.get("/accounts/figures/").context
    charts = [chart for _person, charts, _rows in context["people"] for chart in charts] + [
        chart for chart, _why in context["team_charts"]
    ]
    bars = [bar for chart in charts for bar in chart.bars if bar.number]
    assert len(bars) == 12
    for bar in bars:
        total = client.get(bar.url).context["total"]
        assert getattr(total, "number", total) == bar.number, bar.url


def test_nobody_sees_the_figures_of_a_team_they_do_not_lead(work, rita, mia, teams, as_user):
    for person in (rita, mia):
        response = as_user(person).get(f"/accounts/figures/?team={teams['south'].pk}")
        assert response.context["team"] != teams["south"]
    assert figures(as_user(rita).get(f"/accounts/figures/?team={teams['north'].pk}")).keys() == {
        ("Rita", what.label) for what in counted()
    }


def test_months_add_up_whole_months(work, rita, as_user):
    found = figures(as_user(rita).get("/accounts/figures/?by=month"))
    assert len(found["Rita", "Calls"]) == 6
    assert sum(found["Rita", "Calls"]) == 2


@pytest.mark.parametrize("by_month", [True, False])
def test_periods_follow_each_other_up_to_today(by_month):
    spans = periods(date(2026, 3, 15), by_month)
    assert all(earlier.until == later.start for earlier, later in itertools.pairwise(spans))
    assert spans[-1].covers(date(2026, 3, 15))


# ── targets ──


def wanted(client, person="Rita", query=""):
    for each, charts, _rows in client.get(f"/accounts/figures/{query}").context["people"]:
        if each.name == person:
            return {chart.label: chart.now.target for chart in charts}
    return {}


def test_a_persons_own_target_goes_before_the_teams_and_that_before_the_roles(rita, mia, otto, teams, as_user):
    client = as_user(rita)
    set_target(measure=Measure.VISITS, role=Role.AE, per_week=5, from_day=SINCE, actor=otto)
    assert wanted(client)["Visits"] == 5
    set_target(measure=Measure.VISITS, team=teams["east"], per_week=6, from_day=SINCE, actor=otto)
    set_target(measure=Measure.VISITS, team=teams["north"], per_week=7, from_day=SINCE, actor=mia)
    assert wanted(client)["Visits"] == 7
    set_target(measure=Measure.VISITS, user=rita, per_week=9, from_day=SINCE, actor=mia)
    assert wanted(client) == {"Leads created": None, "Calls": None, "Meetings booked": None, "Visits": 9, "Proposals": None}


def test_a_new_target_leaves_the_weeks_before_as_they_were(rita, mia, as_user):
    monday = rita.today - timedelta(days=rita.today.weekday())
    set_target(measure=Measure.CALLS, user=rita, per_week=10, from_day=SINCE, actor=mia)
    set_target(measure=Measure.CALLS, user=rita, per_week=20, from_day=monday, actor=mia)
    ((_person, charts, _rows),) = as_user(rita).get("/accounts/figures/").context["people"]
    assert [bar.target for bar in next(chart for chart in charts if chart.label == "Calls").bars] == [10] * 7 + [20]


def test_a_month_asks_for_its_working_days(rita, mia, as_user):
    set_target(measure=Measure.CALLS, user=rita, per_week=10, from_day=SINCE, actor=mia)
    month = periods(rita.today, by_month=True)[-1]
    assert wanted(as_user(rita), query="?by=month")["Calls"] == month.working_days() * 2
    holiday = next(day for day in (month.start + timedelta(days=n) for n in range(7)) if day.weekday() == 2)
    PublicHoliday.objects.create(day=holiday, name="Founders' day")
    assert wanted(as_user(rita), query="?by=month")["Calls"] == (month.working_days() - 1) * 2


def test_a_manager_sets_targets_for_the_own_people_and_for_nobody_else(rita, tom, mia, teams):
    set_target(measure=Measure.CALLS, user=rita, per_week=10, from_day=SINCE, actor=mia)
    for whose in ({"user": tom}, {"team": teams["south"]}, {"role": Role.AE}):
        with pytest.raises(DomainError, match="teams you lead"):
            set_target(measure=Measure.CALLS, per_week=10, from_day=SINCE, actor=mia, **whose)
    with pytest.raises(DomainError, match="one of them"):
        set_target(measure=Measure.CALLS, user=rita, team=teams["north"], per_week=10, from_day=SINCE, actor=mia)


def test_a_target_is_set_on_its_page_and_taken_back_from_the_toast(rita, mia, as_user):
    client = as_user(mia)
    facts = {"measure": Measure.VISITS, "per_week": "8", "user": rita.pk, "from_day": mia.today.isoformat()}
    page = client.post("/accounts/targets/", facts, follow=True)
    assert "Rita" in page.content.decode()
    assert ActivityTarget.objects.get().per_week == 8
    client.post(page.context["messages"]._loaded_data[0].extra_tags)
    assert not ActivityTarget.objects.exists()
