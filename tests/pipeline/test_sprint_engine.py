"""What has become of a week's commitments, and how much such a week usually holds: the pure part."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.sprints import (
    CALL,
    DONE,
    MOVE,
    OVER,
    STEP,
    VISIT,
    WEEK,
    Commitment,
    DealNow,
    Deed,
    Fact,
    Planned,
    above,
    monday_of,
    outcomes,
    usual,
    working_days,
)
from salesorg.lib.working_time import Calendar, WorkingWeek

MONDAY = date(2026, 11, 16)
SINCE = datetime(2026, 11, 16, 8, tzinfo=UTC)
RITA, SAM, ACME = 1, 2, 7


def on(days, hour=12):
    return datetime.combine(MONDAY + timedelta(days=days), time(hour), UTC)


def visit(key=1, kind=VISIT, doer=RITA, due=2, done=None, planned=True):
    plan = Planned(key, doer, MONDAY + timedelta(days=due), None if done is None else MONDAY + timedelta(days=done))
    return Commitment(key, kind, RITA, SINCE, ACME, plan if planned else None)


def made(key=99, kind=VISIT, doer=RITA, account=ACME, day=1, hour=12):
    return Deed(key, kind, doer, account, on(day, hour), MONDAY + timedelta(days=day))


def fact(commitment, *deeds):
    return outcomes([commitment], deeds, MONDAY)[commitment.key].fact


@pytest.mark.parametrize(
    ("commitment", "deeds", "expected"),
    [
        (visit(), [], Fact.WAITING),
        (visit(done=1), [], Fact.LOGGED),
        (visit(done=7), [], Fact.LATE),  # on the Monday after
        (visit(doer=SAM, done=3), [], Fact.LOGGED),  # a colleague made the very visit
        (visit(), [made()], Fact.LOGGED),  # another one at the same account
        (visit(), [made(day=0, hour=7)], Fact.WAITING),  # made before it was committed
        (visit(), [made(day=7)], Fact.WAITING),  # next week's
        (visit(), [made(doer=SAM)], Fact.WAITING),
        (visit(), [made(account=8)], Fact.WAITING),
        (visit(), [made(kind=CALL)], Fact.WAITING),
        (visit(kind=CALL), [made(kind=CALL)], Fact.LOGGED),
        (visit(due=7), [], Fact.PUT_OFF),
        (visit(doer=SAM), [], Fact.PASSED_ON),
        (visit(planned=False), [], Fact.CANCELLED),
        (visit(planned=False), [made()], Fact.LOGGED),
    ],
)
def test_a_visit_or_call_is_done_when_it_was_logged_in_the_week(commitment, deeds, expected):
    assert fact(commitment, *deeds) is expected


def deal(owner=RITA, status="open", pipeline=1, place=2, step="Call back", step_on=MONDAY):
    return DealNow(owner, status, pipeline, place, step, step_on)


def step(now):
    return Commitment(1, STEP, RITA, SINCE, ACME, deal=now, step="Call back", step_on=MONDAY)


@pytest.mark.parametrize(
    ("now", "deeds", "expected"),
    [
        (deal(), [], Fact.WAITING),
        (deal(step=" call BACK"), [], Fact.WAITING),
        (deal(step="Send the offer"), [], Fact.STEPPED),
        (deal(step_on=MONDAY + WEEK), [], Fact.PUT_OFF),
        (deal(step_on=MONDAY + WEEK), [made(kind=CALL)], Fact.STEPPED),  # called, and to be called again
        (deal(step_on=MONDAY + WEEK), [made(kind=CALL, doer=SAM)], Fact.PUT_OFF),
        (deal(step_on=None), [], Fact.WAITING),
        (deal(owner=SAM), [], Fact.PASSED_ON),
        (deal(owner=SAM, step="Demo"), [], Fact.STEPPED),
        (deal(status="won"), [], Fact.WON),
        (deal(status="lost"), [], Fact.LOST),
    ],
)
def test_a_next_step_is_taken_when_another_one_is_set(now, deeds, expected):
    assert fact(step(now), *deeds) is expected


def move(now, target=(1, 3)):
    return Commitment(1, MOVE, RITA, SINCE, ACME, deal=now, target=target)


@pytest.mark.parametrize(
    ("commitment", "expected"),
    [
        (move(deal(place=2)), Fact.WAITING),
        (move(deal(place=3)), Fact.MOVED),
        (move(deal(place=4)), Fact.MOVED),
        (move(deal(place=3, owner=SAM)), Fact.MOVED),  # it reached the stage and was handed over there
        (move(deal(place=2, owner=SAM)), Fact.PASSED_ON),
        (move(deal(status="won", place=9)), Fact.WON),
        (move(deal(status="lost", place=9)), Fact.LOST),  # "Lost" stands after every stage, and is none to reach
        (move(deal(pipeline=2, place=9)), Fact.ELSEWHERE),
        (move(deal(), target=None), Fact.ELSEWHERE),
    ],
)
def test_a_deal_has_moved_when_it_is_at_its_stage_or_further(commitment, expected):
    assert fact(commitment) is expected


def test_one_visit_counts_for_one_commitment_the_earlier_planned_one():
    found = outcomes([visit(key=1, due=4), visit(key=2, due=1)], [made()], MONDAY)
    assert (found[2].fact, found[1].fact) == (Fact.LOGGED, Fact.WAITING)
    # The planned one itself, logged, is no second visit for the other.
    found = outcomes([visit(key=1, due=4), visit(key=2, due=1, done=1)], [made(key=2)], MONDAY)
    assert (found[2].fact, found[1].fact) == (Fact.LOGGED, Fact.WAITING)


@given(
    st.lists(st.tuples(st.sampled_from([VISIT, CALL]), st.integers(0, 12), st.none() | st.integers(0, 12)), max_size=8),
    st.lists(st.tuples(st.sampled_from([VISIT, CALL]), st.integers(-3, 12), st.sampled_from([RITA, SAM])), max_size=8),
)
def test_never_more_is_done_than_was_made(plans, deeds):
    committed = [visit(key=key, kind=kind, due=due, done=done) for key, (kind, due, done) in enumerate(plans, 1)]
    own = [made(each.key, each.kind, day=(each.planned.done_on - MONDAY).days) for each in committed if each.planned.done_on]
    others = [made(key, kind, doer, day=day) for key, (kind, day, doer) in enumerate(deeds, 100)]
    found = outcomes(committed, own + others, MONDAY)
    assert found.keys() == {each.key for each in committed}
    for kind in (VISIT, CALL):
        done = sum(found[each.key].is_done for each in committed if each.kind == kind)
        assert done <= sum(deed.kind == kind and 0 <= (deed.on - MONDAY).days < 7 for deed in own + others)
    assert not DONE & OVER


# ── capacity ──


def test_usually_is_the_median_reckoned_to_the_working_days_of_this_week():
    assert usual([(5, 5), (10, 5), (6, 5)], 5) == 6
    assert usual([(5, 5), (10, 5), (6, 5)], 4) == 5  # 4.8
    assert usual([(2, 2), (5, 5), (5, 5)], 5) == 5  # a short week counts for what it was
    assert usual([(5, 5), (0, 0), (6, 5)], 5) is None  # away all week: it says nothing, and two weeks are too few
    assert usual([(5, 5), (6, 5), (7, 5), (8, 5)], 5) == 7  # halves up
    assert usual([(5, 5)] * 3, 0) == 0


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 7)), max_size=12), st.integers(0, 7))
def test_usually_lies_between_the_least_and_the_most(weeks, days):
    found = usual(weeks, days)
    told = [made * days / worked for made, worked in weeks if worked]
    assert found is None if len(told) < 3 else min(told) - 0.5 <= found <= max(told) + 0.5


def test_a_week_around_new_year_is_one_week():
    assert {monday_of(date(2026, 12, 28) + timedelta(days=i)) for i in range(7)} == {date(2026, 12, 28)}
    usually = WorkingWeek((*[(time(9), time(17))] * 5, None, None))
    calendar = Calendar(usually, away=frozenset([date(2026, 12, 31)]), holidays=frozenset([date(2027, 1, 1)]))
    assert working_days(calendar, date(2026, 12, 28)) == [date(2026, 12, 28), date(2026, 12, 29), date(2026, 12, 30)]


def test_more_than_usual_is_said_of_what_is_known():
    found = above([VISIT, VISIT, CALL, STEP], {VISIT: 1, CALL: None})
    assert [(each.kind, each.committed, each.usual) for each in found] == [(VISIT, 2, 1)]
