"""Months, quarters and years are half-open, adjoin without a gap, and cover each day once."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesorg.lib.effective import During
from salesorg.lib.periods import last_complete_months, month_of, months, quarter_of, year_of

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(days, st.sampled_from([month_of, quarter_of, year_of]))
def test_a_day_lies_in_its_period_and_the_next_period_begins_where_it_ends(day, period_of):
    period = period_of(day)
    assert period.covers(day)
    assert not period.covers(period.until)
    assert period_of(period.until).start == period.until
    assert period_of(period.last_day) == period


def test_months_between_two_days_include_both():
    assert [month.start.month for month in months(date(2016, 11, 30), date(2017, 2, 1))] == [11, 12, 1, 2]


def test_the_last_twelve_complete_months_end_before_this_one():
    period = last_complete_months(date(2026, 3, 31), 12)
    assert (period.start, period.until) == (date(2025, 3, 1), date(2026, 3, 1))


def test_working_days_leave_out_weekends_and_holidays():
    assert month_of(date(2026, 3, 1)).working_days({date(2026, 3, 2), date(2026, 3, 1)}) == 21


@given(days, st.integers(1, 400), days, st.integers(1, 400))
def test_two_periods_overlap_exactly_when_they_share_a_day(start, length, other_start, other_length):
    one, other = During(start, start + timedelta(days=length)), During(other_start, other_start + timedelta(days=other_length))
    shared = max(one.start, other.start) < min(one.until, other.until)
    assert one.overlaps(other) == other.overlaps(one) == shared


def test_an_open_period_covers_every_later_day():
    assert During(date(2026, 1, 1)).covers(date(2099, 1, 1))
    assert During(date(2026, 1, 1)).ended(date(2026, 2, 1)) == During(date(2026, 1, 1), date(2026, 2, 1))
    assert During(date(2026, 1, 1)).ended(date(2026, 1, 1)) is None


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="end after"):
        During(date(2026, 1, 2), date(2026, 1, 2))
