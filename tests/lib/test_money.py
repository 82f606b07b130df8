"""Money is rounded in one place, splits add up, and every currency keeps its own decimals."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesorg.lib import money

amounts = st.integers(-(10**15), 10**15)
weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any)


@given(amounts, weights)
def test_a_split_adds_up_to_the_whole(total, shares):
    assert sum(money.split(total, shares)) == total


@given(amounts, weights)
def test_nobody_is_a_cent_or_more_away_from_the_exact_share(total, shares):
    for part, share in zip(money.split(total, shares), shares, strict=True):
        assert abs(part * sum(shares) - total * share) < sum(shares)


@given(amounts)
def test_taking_an_amount_back_mirrors_the_split(total):
    assert money.split(-total, [1, 2, 3]) == [-part for part in money.split(total, [1, 2, 3])]


def test_a_cent_left_over_goes_to_the_largest_remainder():
    assert money.split(100, [1, 1, 1]) == [34, 33, 33]
    assert money.split(5, [1, 3]) == [1, 4]


@pytest.mark.parametrize("shares", [[0, 0], [-1, 2]])
def test_shares_that_mean_nothing_are_refused(shares):
    with pytest.raises(ValueError, match="Shares"):
        money.split(100, shares)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("1.005", "EUR", 101), ("-1.005", "EUR", -101), ("1234.5", "JPY", 1235), ("1.0005", "KWD", 1001)],
)
def test_each_currency_is_rounded_to_its_own_smallest_unit(amount, currency, minor):
    assert money.to_minor(Decimal(amount), currency) == minor


@given(amounts, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_minor_units_survive_the_way_there_and_back(minor, currency):
    assert money.to_minor(money.from_minor(minor, currency), currency) == minor


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**9))
def test_division_is_never_more_than_half_a_unit_off(numerator, denominator):
    for policy in ("half_up", "half_even"):
        assert abs(2 * (money.divided(numerator, denominator, policy) * denominator - numerator)) <= denominator


@pytest.mark.parametrize(
    ("policy", "halves"), [("half_up", [-2, -1, 1, 2]), ("half_even", [-2, 0, 0, 2]), ("down", [-1, 0, 0, 1])]
)
def test_halves_follow_the_named_policy(policy, halves):
    assert [money.divided(n, 2, policy) for n in (-3, -1, 1, 3)] == halves


@pytest.mark.parametrize(("mean", "quota"), [("0.01", 1000), ("1000", 1000), ("1000.01", 2000), ("33499.9", 34000)])
def test_a_quota_is_rounded_up_to_the_next_thousand(mean, quota):
    assert money.rounded_up_to(Decimal(mean), Decimal(1000)) == quota
