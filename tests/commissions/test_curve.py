"""The pay curve is drawn from a handful of points, however large the amounts are."""

import pytest

from commissions import engine
from commissions.curve import curve_of
from commissions.services import STANDARD_COMPONENTS

COMPONENT = engine.plan_of(STANDARD_COMPONENTS).components[0]


@pytest.mark.parametrize("credited", [0, 50, 1_000_000, 10**15])
def test_a_curve_of_any_size_is_a_handful_of_points(credited):
    curve = curve_of(COMPONENT, 10**15, credited)  # ten trillion: counted out one by one, this would never end
    assert 3 <= len(curve.points.split()) <= 8
    assert curve.here.x <= curve.width


def test_here_lies_on_the_curve_and_the_next_tier_is_named():
    curve = curve_of(COMPONENT, 100_000, 40_000)
    assert f"{curve.here.x},{curve.here.y}" in curve.points.split()
    assert curve.missing == 60_000


def test_won_value_below_zero_stands_at_the_beginning():
    curve = curve_of(COMPONENT, 100_000, -5_000)
    assert curve.here.x == curve.bands[0].x
