"""Working time: clocks stand still at night, at weekends and during absence, and no hour is lost when clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from salesorg.lib.working_time import HORIZON, Calendar, WorkingWeek, due, elapsed

NINE_TO_FIVE = (*[(time(9), time(17))] * 5, None, None)
ROUND_THE_CLOCK = ((time(0), time(0)),) * 7
BERLIN = ZoneInfo("Europe/Berlin")


def at(text, zone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def hours(number):
    return timedelta(hours=number)


USUAL = Calendar(WorkingWeek(NINE_TO_FIVE, "Europe/Berlin"))
quarters = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
spans = st.one_of(st.none(), st.tuples(quarters, quarters))
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"])
# Around both nights of a year in which clocks change somewhere.
moments = st.integers(0, 400 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
stretches = st.integers(0, 20 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
away = st.frozensets(st.integers(0, 400).map(lambda days: date(2026, 1, 1) + timedelta(days=days)), max_size=5)
calendars = st.builds(Calendar, st.builds(WorkingWeek, st.tuples(*[spans] * 7), zones), away)


@pytest.mark.parametrize(
    ("start", "working", "expected"),
    [
        ("2026-03-03T10:00", 4, "2026-03-03T14:00"),  # a Tuesday
        ("2026-03-03T15:00", 4, "2026-03-04T11:00"),  # over night
        ("2026-03-06T16:00", 4, "2026-03-09T12:00"),  # over the weekend
        ("2026-03-07T12:00", 1, "2026-03-09T10:00"),  # from a Saturday on
        ("2026-03-03T03:00", 8, "2026-03-03T17:00"),  # a whole day ends with it, not with the next one's beginning
        ("2026-03-27T09:00", 48, "2026-04-03T17:00"),  # six days, with the night in which clocks jump ahead
    ],
)
def test_a_clock_runs_in_working_hours_alone(start, working, expected):
    assert due(USUAL, at(start), hours(working)) == at(expected)


def test_a_clock_stands_still_while_somebody_is_away():
    calendar = Calendar(USUAL.week, frozenset({date(2026, 3, 4), date(2026, 3, 5)}))
    assert due(calendar, at("2026-03-03T15:00"), hours(4)) == at("2026-03-06T11:00")
    assert elapsed(calendar, at("2026-03-03T15:00"), at("2026-03-06T11:00")) == hours(4)


def test_nights_in_which_clocks_change_are_as_long_as_they_are():
    night = Calendar(WorkingWeek(ROUND_THE_CLOCK, "Europe/Berlin"))
    assert elapsed(night, at("2026-03-29T00:00"), at("2026-03-30T00:00")) == hours(23)
    assert elapsed(night, at("2026-10-25T00:00"), at("2026-10-26T00:00")) == hours(25)
    early = Calendar(WorkingWeek(((time(1), time(2, 30)),) * 7, "Europe/Berlin"))
    assert elapsed(early, at("2026-10-25T00:00"), at("2026-10-26T00:00")) == hours(2.5), "half past two comes twice"


def test_a_day_may_end_at_midnight_and_one_that_ends_before_it_begins_is_off():
    late = Calendar(WorkingWeek(((time(16), time(0)), (time(9), time(9)), (time(17), time(9)), None, None, None, None)))
    assert elapsed(late, at("2026-03-02T00:00", UTC), at("2026-03-09T00:00", UTC)) == hours(8)


def test_who_never_works_is_not_waited_for_without_end():
    never = Calendar(WorkingWeek((None,) * 7))
    start = at("2026-03-02T00:00", UTC)
    assert due(never, start, hours(1)) == start + HORIZON
    assert elapsed(never, start, start + HORIZON) == timedelta()


@settings(max_examples=50)
@given(calendars, moments, stretches)
def test_nothing_elapses_in_no_time_nor_backwards_and_never_more_than_the_clock_says(calendar, start, stretch):
    assert elapsed(calendar, start, start) == elapsed(calendar, start + stretch, start - hours(1)) == timedelta()
    assert timedelta() <= elapsed(calendar, start, start + stretch) <= stretch


@settings(max_examples=50)
@given(calendars, moments, stretches, stretches)
def test_two_stretches_are_as_long_as_both_together(calendar, start, first, second):
    middle, end = start + first, start + first + second
    assert elapsed(calendar, start, middle) + elapsed(calendar, middle, end) == elapsed(calendar, start, end)


@settings(max_examples=50)
@given(calendars, moments, st.integers(0, 60 * 60).map(lambda minutes: timedelta(minutes=minutes)))
def test_a_clock_runs_out_at_the_first_moment_by_which_so_much_was_worked(calendar, start, working):
    end = due(calendar, start, working)
    assume(end < start + HORIZON)
    assert elapsed(calendar, start, end) == working
    if working:
        assert elapsed(calendar, start, end - timedelta(microseconds=1)) < working
