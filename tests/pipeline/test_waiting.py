"""Working time in words."""

from datetime import timedelta

import pytest

from pipeline.waiting import in_short


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 min"), (45, "45 min"), (60, "1 h"), (200, "3 h 20 min"), (620, "10 h"), (39 * 60 + 59, "39 h"),
        (40 * 60, "5 working days"), (143 * 60, "17 working days"),
    ],
)  # fmt: skip
def test_from_a_week_on_nobody_reads_hours(minutes, words):
    assert in_short(timedelta(minutes=minutes)) == words
