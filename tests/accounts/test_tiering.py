"""The decision about a spend tier: who owns the boundaries, nothing flaps in a band, more spend never means less."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.engine.tiering import BY_SPEND, Decision, Figures, Policy, by_band, decide, months_after

POLICY = Policy(a_from=Decimal(100_000), b_from=Decimal(20_000), band=10, new_months=6)
LONG_AGO, TODAY = date(2020, 1, 1), date(2026, 11, 21)

amounts = st.decimals(min_value=-1000, max_value=400_000, places=2, allow_nan=False)
policies = st.builds(
    lambda b, more, band: Policy(a_from=b + more, b_from=b, band=band),
    st.integers(1, 100_000).map(Decimal),
    st.integers(1, 100_000).map(Decimal),
    st.integers(0, 99),
)
tiers = st.sampled_from(BY_SPEND)


def tier_of(spend, standing=None, policy=POLICY, **more):
    return decide(policy, Figures(Decimal(spend), LONG_AGO, standing=standing, **more), TODAY)


@pytest.mark.parametrize(
    ("spend", "standing", "tier", "why"),
    [
        # judged for the first time: the threshold belongs to the tier above it
        ("100000", None, "A", "spend"),
        ("99999.99", None, "B", "spend"),
        ("20000", None, "B", "spend"),
        ("19999.99", None, "C", "spend"),
        ("0", None, "C", "spend"),
        ("-5", None, "C", "spend"),
        # rising: at threshold + 10 %, not before
        ("109999.99", "B", "B", "held_down"),
        ("110000", "B", "A", "spend"),
        ("21999.99", "C", "C", "held_down"),
        ("22000", "C", "B", "spend"),
        ("110000", "C", "A", "spend"),
        ("105000", "C", "B", "held_down"),
        # falling: below threshold − 10 %, not on it
        ("90000", "A", "A", "held_up"),
        ("89999.99", "A", "B", "spend"),
        ("18000", "B", "B", "held_up"),
        ("17999.99", "B", "C", "spend"),
        ("19000", "A", "B", "held_up"),
        ("17999.99", "A", "C", "spend"),
        # a tier that is not one by spend holds nothing
        ("95000", "new", "B", "spend"),
    ],
)
def test_the_boundaries_and_who_owns_them(spend, standing, tier, why):
    assert tier_of(spend, standing) == Decision(tier, why)


def test_whoever_has_not_bought_is_new_and_so_is_a_customer_of_less_than_six_months():
    def on(first, day):
        return decide(POLICY, Figures(Decimal(500_000), first), day)

    assert on(None, TODAY) == Decision("new", "not_a_customer")
    assert on(date(2026, 5, 22), TODAY) == Decision("new", "young")
    assert on(date(2026, 5, 21), TODAY) == Decision("A", "spend")  # six months to the day


def test_nobody_falls_for_an_amount_without_a_rate_but_may_rise():
    assert tier_of(0, "A", unconverted=1) == Decision("A", "rate_missing")
    assert tier_of(500_000, "B", unconverted=1) == Decision("A", "spend")
    assert tier_of(30_000, None, unconverted=1) == Decision("B", "rate_missing")


@given(policies, amounts, amounts, tiers)
def test_more_spend_never_means_a_lower_tier(policy, one, other, standing):
    less, more = sorted((one, other))
    assert BY_SPEND.index(by_band(policy, less, standing)) <= BY_SPEND.index(by_band(policy, more, standing))


@given(policies, amounts, tiers)
def test_the_same_spend_settles_at_once(policy, spend, standing):
    once = by_band(policy, spend, standing)
    assert by_band(policy, spend, once) == once


@given(policies, st.sampled_from("AB"), tiers, st.lists(st.integers(0, 999), min_size=1, max_size=20))
def test_nothing_flaps_however_spend_moves_inside_a_band(policy, upper, standing, steps):
    """Spend anywhere between the two edges of one threshold: after the first decision the tier crosses that threshold no more."""
    low, high = policy.falls_below(upper), policy.rises_at(upper)
    above = []
    for step in steps:
        standing = by_band(policy, low + (high - low) * step / 1000, standing)
        above.append(BY_SPEND.index(standing) >= BY_SPEND.index(upper))
    assert len(set(above)) == 1


@given(policies, amounts, tiers)
def test_a_tier_lies_within_a_band_of_what_the_thresholds_say(policy, spend, standing):
    tier = by_band(policy, spend, standing)
    assert spend >= policy.falls_below(tier) or tier == "C"
    above = BY_SPEND[BY_SPEND.index(tier) + 1 :]
    assert all(spend < policy.rises_at(each) for each in above[:1])


@pytest.mark.parametrize("thresholds", [(20_000, 20_000), (10_000, 20_000), (10_000, 0)])
def test_thresholds_that_do_not_descend_are_no_policy(thresholds):
    with pytest.raises(ValueError, match="descend"):
        Policy(*map(Decimal, thresholds))


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-03-31", 1, "2026-04-30"),
        ("2026-03-31", 0, "2026-03-31"),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_the_month(day, months, later):
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(later)
