"""Stage conversion by cohort: distinct deals, lost ones included, the owner as of entering, cohorts too young marked."""

import random
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.conversion import State, cohorts, entries, is_too_young
from pipeline.models import Deal, DealVersion
from pipeline.reports.conversion import WON, Entries
from salesorg.lib.db import copy_rows
from salesorg.people.models import organisation

PAGE = "pipeline:conversion"
BEGIN, END = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
RANKS = {1: 0, 2: 1, 3: 2, 8: WON}  # 9 is lost: nothing goes on to it


def path(*stages, deal=1, owner=5, start=BEGIN):
    """A deal that enters these stages a week apart; (stage, owner) when the owner changes."""
    known = [each if isinstance(each, tuple) else (each, owner) for each in stages]
    return [State(deal, stage, by, start + timedelta(weeks=i)) for i, (stage, by) in enumerate(known)]


def counted(*paths, key=lambda entry: None):
    states = [state for path in paths for state in path]
    found = cohorts(entries(states, RANKS, WON, BEGIN, END), key)
    return {where: (cohort.entered, cohort.went_on, cohort.won) for where, cohort in found.items()}


def test_lost_deals_are_in_and_the_next_stage_or_any_later_one_is_gone_on():
    won, lost, jumped = path(1, 2, 3, 8), path(1, 2, 9, deal=2), path(1, 3, deal=3)
    assert counted(won, lost, jumped) == {(1, None): (3, 3, 1), (2, None): (2, 1, 1), (3, None): (2, 1, 1)}


def test_a_deal_counts_once_however_often_it_comes_back_and_changes_within_a_stage_are_no_entry():
    assert counted(path(2, 2, 1, 2, 1, 9)) == {(2, None): (1, 0, 0), (1, None): (1, 1, 0)}


def test_the_owner_is_the_one_as_of_entering():
    assert counted(path((1, 5), (1, 6), (2, 6)), key=lambda entry: entry.owner) == {(1, 5): (1, 1, 0), (2, 6): (1, 0, 0)}


def test_what_was_entered_before_the_period_is_not_in_it_though_it_goes_on_within():
    assert counted(path(1, 2, start=BEGIN - timedelta(days=1))) == {(2, None): (1, 0, 0)}


def test_a_cohort_is_too_young_until_its_last_deal_had_the_time_nine_of_ten_take():
    last = date(2026, 6, 30)
    assert is_too_young(last, last + timedelta(days=27), 28) and not is_too_young(last, last + timedelta(days=28), 28)
    assert is_too_young(last, last, None) and not is_too_young(last, last + timedelta(days=1), None)


histories = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from([1, 2, 3, 8, 9, 70]), st.integers(5, 6), st.integers(-30, 120)), max_size=40
)


@given(histories)
def test_every_deal_counts_once_for_somebody_and_no_more_go_on_than_entered(rows):
    # One state at a time of each deal: two at the same moment are no history.
    states = {(deal, day): State(deal, stage, owner, BEGIN + timedelta(days=day)) for deal, stage, owner, day in rows}.values()
    found = entries(states, RANKS, WON, BEGIN, END)
    whole, of_owners = cohorts(found), cohorts(found, lambda entry: entry.owner)
    assert all(0 <= cohort.won <= cohort.went_on <= cohort.entered for cohort in whole.values())
    for (stage, _key), cohort in whole.items():
        entered = {state.deal for state in states if state.stage == stage and BEGIN <= state.since < END}
        assert cohort.entered <= len(entered)
        assert cohort.entered == sum(each.entered for (of, _owner), each in of_owners.items() if of == stage)


# ── on the page ──


@pytest.fixture
def history(rita, sam, tom, stages, account_of, deal_of):
    """Forty deals of Rita, Sam and Tom with invented pasts; {deal id: [State]}."""
    rng, people, found = random.Random(3), [rita, sam, tom], {}
    account, names = account_of(rita), [stages[name].pk for name in ("Prospecting", "Engaging", "Won", "Lost")]
    for _deal in range(40):
        owner, day, states = rng.choice(people), BEGIN + timedelta(days=rng.randrange(-40, 80), hours=3), []
        deal = deal_of(owner, account=account)
        for _state in range(rng.randrange(1, 6)):
            states.append(State(deal.pk, rng.choice(names), rng.choice(people).pk if rng.random() < 0.3 else owner.pk, day))
            day += timedelta(days=rng.randrange(1, 30))
        found[deal.pk] = states
    DealVersion.objects.all().delete()
    rows = []
    for states in found.values():
        for state, until in zip(states, [*(state.since for state in states[1:]), None], strict=True):
            during = f"[{state.since.isoformat()},{until.isoformat() if until else ''})"
            rows.append((state.deal, state.stage, state.owner, None, None, "pipeline", during, None, "test"))
    columns = ["deal", "stage", "owner", "amount", "close_date", "forecast_category", "during", "actor_id", "cause"]
    copy_rows(DealVersion, columns, rows)
    return found


def ranks_of(stages):
    return {stages["Prospecting"].pk: 0, stages["Engaging"].pk: 1, stages["Won"].pk: WON}


@pytest.mark.parametrize("by", ["", "owner", "month"])
def test_the_database_counts_what_the_definition_says(history, stages, by):
    period = {"first": date(2026, 4, 1), "last": date(2026, 6, 30), "place": organisation()}
    found = Entries(deals=Deal.objects.all(), stages=stages.values(), **period)
    states = [state for of_deal in history.values() for state in of_deal]
    expected = entries(states, ranks_of(stages), WON, BEGIN, END)
    grouped, whole = found.cohorts(by)
    assert whole == {stage: cohort for (stage, _key), cohort in cohorts(expected).items()}
    assert sum(cohort.entered for cohort in whole.values()) > 20
    if by == "owner":
        assert grouped == cohorts(expected, lambda entry: entry.owner)
    if by == "month":
        for month in (4, 5, 6):
            until = datetime(2026, month + 1, 1, tzinfo=UTC)
            of_month = cohorts(entries(states, ranks_of(stages), WON, datetime(2026, month, 1, tzinfo=UTC), until))
            assert {at: cohort for (at, key), cohort in grouped.items() if key == date(2026, month, 1)} == {
                at: cohort for (at, _key), cohort in of_month.items()
            }


@pytest.mark.parametrize("by", ["owner", "team", "month", "product"])
def test_every_figure_leads_to_exactly_its_deals(otto, history, as_user, by):
    client = as_user(otto)
    page = client.get(reverse(PAGE), {"by": by, "entered_from": "2026-04-01", "entered_to": "2026-06-30"})
    figures = set(re.findall(r'href="([^"]+)" data-figure="(\d+)"', page.content.decode()))
    assert len(figures) > 9
    for address, count in sorted(figures)[:16]:
        assert client.get(unescape(address)).context["totals"].count == int(count), address


def test_a_manager_sees_the_deals_that_were_of_the_own_people_when_they_entered(mia, tom, history, stages, as_user):
    page = as_user(mia).get(reverse(PAGE), {"by": "owner", "entered_from": "2026-04-01", "entered_to": "2026-06-30"})
    assert {row["name"] for row in page.context["rows"]} == {"Rita", "Sam"}


def test_a_cohort_of_this_month_is_marked_too_young(mia, rita, deal_of, as_user):
    deal_of(rita)
    page = as_user(mia).get(reverse(PAGE), {"period": "month"})
    assert page.context["funnel"][0]["too_young"] and "too young" in page.content.decode()


@pytest.mark.parametrize("page", ["conversion", "velocity"])
def test_words_of_which_nothing_can_be_found_show_nothing(otto, rita, deal_of, as_user, page):
    deal_of(rita)
    assert as_user(otto).get(reverse(f"pipeline:{page}"), {"q": "!!", "period": "all"}).status_code == 200
