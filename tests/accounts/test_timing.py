"""When things begin, come again and stand side by side: what holds for every day and every set of appointments."""

import itertools
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from accounts.engine.timing import MOST_OCCURRENCES, lanes, moments, occurrences

VIENNA = ZoneInfo("Europe/Vienna")
days = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@given(days, st.integers(1, 52), days)
def test_what_comes_again_does_so_on_the_same_weekday_and_never_after_its_end(first, weeks, until):
    found = occurrences(first, weeks, until)
    assert found[0] == first
    assert all(later - earlier == timedelta(weeks=weeks) for earlier, later in itertools.pairwise(found))
    assert all(day <= until for day in found[1:])
    assert len(found) == MOST_OCCURRENCES or found[-1] + timedelta(weeks=weeks) > until


def test_once_is_once():
    assert occurrences(date(2026, 3, 2), None, None) == [date(2026, 3, 2)]


@given(st.lists(st.tuples(st.integers(0, 95), st.integers(1, 20)).map(lambda span: (span[0], span[0] + span[1])), max_size=30))
def test_what_overlaps_never_stands_in_one_lane_and_no_lane_is_wasted(spans):
    placed = lanes(spans)
    for (span, (lane, of)), index in zip(zip(spans, placed, strict=True), range(len(spans)), strict=True):
        assert 0 <= lane < of
        for other, (other_lane, other_of) in list(zip(spans, placed, strict=True))[index + 1 :]:
            if span[0] < other[1] and other[0] < span[1]:
                assert lane != other_lane
                assert of == other_of
    for moment in {start for start, _end in spans}:
        now = [of for (start, end), (_lane, of) in zip(spans, placed, strict=True) if start <= moment < end]
        assert not now or max(now) <= len(spans)
    if len(spans) == 1:
        assert placed == [(0, 1)]


def test_two_after_each_other_take_the_whole_width():
    assert lanes([(60, 90), (90, 120)]) == [(0, 1), (0, 1)]
    assert lanes([(60, 120), (90, 150), (120, 180)]) == [(0, 2), (1, 2), (0, 2)]


@given(days, st.times(), st.integers(0, 1440))
def test_a_reminder_comes_so_many_minutes_before_the_start_even_when_the_clocks_change(day, at, remind):
    start, reminder = moments(day, at, VIENNA, remind)
    assert start.timestamp() - reminder.timestamp() == remind * 60 or start - reminder == timedelta(minutes=remind)


def test_an_hour_the_clocks_skip_begins_after_the_jump():
    start, _reminder = moments(date(2026, 3, 29), time(2, 30), VIENNA)
    assert start.astimezone(VIENNA).time() == time(3, 30)


def test_a_day_alone_has_no_moment():
    assert moments(date(2026, 3, 2), None, VIENNA, 30) == (None, None)
    assert moments(date(2026, 3, 2), time(9), VIENNA)[0] == datetime(2026, 3, 2, 9, tzinfo=VIENNA)
