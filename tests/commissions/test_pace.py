"""How much of a month is over, by working days: what attainment is compared with."""

from datetime import date
from decimal import Decimal

import pytest

from commissions.reports import pace

FEBRUARY = date(2026, 2, 1)  # twenty working days
HOLIDAYS = {date(2026, 2, 2), date(2026, 2, 3), date(2026, 2, 27), date(2026, 3, 2)}


@pytest.mark.parametrize(
    ("today", "over"),
    [("2026-01-31", 0), ("2026-02-01", 0), ("2026-02-06", 5), ("2026-02-08", 5), ("2026-02-27", 20), ("2026-03-09", 20)],
)
def test_a_month_is_over_by_its_working_days(today, over):
    assert pace(FEBRUARY, date.fromisoformat(today), frozenset()) == Decimal(over) / 20


def test_nobody_is_behind_because_of_a_public_holiday():
    assert pace(FEBRUARY, date(2026, 2, 3), HOLIDAYS) == 0
    assert pace(FEBRUARY, date(2026, 2, 4), HOLIDAYS) == Decimal(1) / 17


def test_a_month_of_holidays_is_over_with_its_last_day():
    month = {date(2026, 2, day) for day in range(1, 29)}
    assert [pace(FEBRUARY, date(2026, 2, day), month) for day in (27, 28)] == [0, 1]
