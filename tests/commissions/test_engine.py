"""The commission engine: what must hold for every plan, quota and sequence of credits."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissions.engine import Component, Credit, Plan, PlanError, Quota, Tier, earn, earned, legs, plan_of
from salesorg.lib.money import split

FIVE_EIGHT = {
    "key": "commission",
    "name": "Commission on won deals",
    "measure": "revenue",
    "unit": "period",
    "method": "marginal",
    "thresholds": "quota",
    "boundary": "upper",
    "denominator": 10_000,
    "rounding": "half_up",
    "tiers": [{"start": 0, "rate": 500}, {"start": 10_000, "rate": 800}],
}


@st.composite
def components(draw):
    starts = [0, *sorted(draw(st.sets(st.integers(1, 30_000), max_size=4)))]
    thresholds = draw(st.sampled_from(["quota", "amount"]))
    return Component(
        key="commission",
        name="Commission",
        measure="revenue",
        unit=draw(st.sampled_from(["period", "deal"])),
        method=draw(st.sampled_from(["marginal", "whole_amount", "overage"])),
        thresholds=thresholds,
        boundary=draw(st.sampled_from(["upper", "lower"])),
        denominator=draw(st.sampled_from([3, 60, 10_000, 150_000])),
        rounding=draw(st.sampled_from(["half_up", "half_even", "down"])),
        tiers=tuple(Tier(start, draw(st.integers(0, 20_000))) for start in starts),
    )


quotas = st.integers(1, 10**9)
amounts = st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=30)


def credits_of(amounts):
    return [Credit(number, "revenue", amount, "USD") for number, amount in enumerate(amounts, 1)]


def lines_of(component, quota, amounts):
    result = earn(Plan((component,)), "USD", {"revenue": Quota(quota, "USD")}, credits_of(amounts))
    assert result.problems == ()
    return result.lines


@given(components(), quotas, amounts)
def test_the_lines_of_a_month_add_up_to_the_commission_on_the_whole(component, quota, amounts):
    component = replace(component, unit="period")
    assert sum(line.amount for line in lines_of(component, quota, amounts)) == earned(component, quota, sum(amounts))


@given(components(), quotas, amounts, st.randoms())
def test_the_month_pays_the_same_whatever_the_order_of_the_deals(component, quota, amounts, random):
    shuffled = random.sample(amounts, len(amounts))
    total = sum(line.amount for line in lines_of(component, quota, amounts))
    assert total == sum(line.amount for line in lines_of(component, quota, shuffled))


@given(components(), quotas, amounts, amounts)
def test_a_cent_once_posted_never_moves_when_later_deals_arrive(component, quota, first, later):
    assert lines_of(component, quota, first + later)[: len(first)] == lines_of(component, quota, first)


@given(components(), quotas, st.integers(-(10**9), 10**9))
def test_the_legs_of_an_amount_add_up_to_it_and_to_its_commission(component, quota, amount):
    parts = legs(component, quota, amount)
    assert sum(leg.amount for leg in parts) == earned(component, quota, amount)
    assert sum(leg.credited for leg in parts) == amount


@given(components(), quotas, st.integers(0, 10**9))
def test_taking_a_deal_back_takes_back_what_it_earned(component, quota, amount):
    taken_back = lines_of(component, quota, [amount, -amount])
    assert sum(line.amount for line in taken_back) == 0


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10_000), min_size=1, max_size=8).filter(any))
def test_splitting_a_deal_gives_away_neither_more_nor_less_than_the_deal(amount, shares):
    assert sum(split(amount, shares)) == amount


def test_a_missing_quota_is_a_problem_and_never_a_zero():
    result = earn(plan_of([FIVE_EIGHT]), "USD", {}, credits_of([100_000]))
    assert result.lines == ()
    assert [(problem.code, problem.component) for problem in result.problems] == [("no_quota", "commission")]
    assert result.undecided(1, "commission")


def test_a_missing_plan_is_a_problem_and_never_a_zero():
    result = earn(None, "USD", {}, credits_of([100_000]))
    assert (result.lines, [problem.code for problem in result.problems]) == ((), ["no_plan"])


def test_a_credit_in_another_currency_is_a_problem_and_the_others_are_paid():
    credits = [*credits_of([100_000]), Credit(2, "revenue", 50_000, "EUR")]
    result = earn(plan_of([FIVE_EIGHT]), "USD", {"revenue": Quota(10**6, "USD")}, credits)
    assert [line.amount for line in result.lines] == [5_000]
    assert [(problem.code, problem.credit_id) for problem in result.problems] == [("other_currency", 2)]
    assert not result.undecided(1, "commission")


def test_a_quota_in_another_currency_is_a_problem_and_never_compared():
    result = earn(plan_of([FIVE_EIGHT]), "USD", {"revenue": Quota(10**6, "EUR")}, credits_of([100_000]))
    assert (result.lines, [problem.code for problem in result.problems]) == ((), ["quota_currency"])


def test_a_month_without_deals_has_no_problems():
    assert earn(None, "USD", {}, []).problems == ()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"method": "cumulative"}, "method must be one of"),
        ({"tiers": []}, "has no tiers"),
        ({"tiers": [{"start": 100, "rate": 500}]}, "must start at 0"),
        ({"tiers": [{"start": 0, "rate": 500}, {"start": 0, "rate": 800}]}, "above the one before"),
        ({"tiers": [{"start": 0, "rate": 0.05}]}, "whole numbers"),
        ({"tiers": [{"start": 0, "rate": True}]}, "whole numbers"),
        ({"denominator": 0}, "denominator must be"),
        ({"key": ""}, "key must be a text"),
        ({"measure": ["revenue"]}, "measure must be one of"),
        ({"cap": 1}, "unknown answer “cap”"),
    ],
)
def test_a_plan_that_leaves_a_question_open_is_refused_with_the_question(change, word):
    with pytest.raises(PlanError, match=word):
        plan_of([FIVE_EIGHT | change])


@pytest.mark.parametrize("name", sorted(FIVE_EIGHT))
def test_every_answer_of_a_plan_is_required(name):
    with pytest.raises(PlanError, match=f"does not say its {name}"):
        plan_of([{key: value for key, value in FIVE_EIGHT.items() if key != name}])


@pytest.mark.parametrize("data", [None, {}, [], "plan", [None], [FIVE_EIGHT, FIVE_EIGHT]])
def test_what_is_no_plan_is_refused(data):
    with pytest.raises(PlanError):
        plan_of(data)
