"""What a proposal comes to, step by step."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine.pricing import LARGEST, MOST, Line, discount_of, priced, unit_price

D = Decimal


def test_every_step_is_named():
    lines = [Line(D(3), D("19.99"), D(10), D(12)), Line(D("1.5"), D(200))]
    found = priced(lines, "USD", D(5))
    first, second = found.lines
    assert (first.list_total, first.discount_amount, first.whole_share, first.net) == (
        D("59.97"),
        D("6.00"),
        D("2.70"),
        D("51.27"),
    )
    assert (first.cost, first.margin) == (D("36.00"), D("15.27"))
    assert (second.list_total, second.net, second.cost, second.margin) == (D("300.00"), D("285.00"), None, None)
    assert (found.list_total, found.line_discounts, found.whole_discount, found.net) == (
        D("359.97"), D("6.00"), D("17.70"), D("336.27"),
    )  # fmt: skip
    assert (found.cost, found.margin, found.without_cost) == (D("36.00"), D("15.27"), 1)


def test_the_discount_on_the_whole_is_divided_to_the_last_cent():
    found = priced([Line(D(1), D("0.33"))] * 3, "USD", D(10))
    assert [line.whole_share for line in found.lines] == [D("0.04"), D("0.03"), D("0.03")]
    assert found.whole_discount == D("0.10")


@pytest.mark.parametrize(("currency", "net"), [("JPY", "1235"), ("USD", "1234.57"), ("KWD", "1234.568")])
def test_totals_are_rounded_to_what_the_currency_can_express(currency, net):
    assert priced([Line(D(1), D("1234.5678"))], currency).net == D(net)


def test_a_discount_is_never_told_smaller_than_it_is():
    assert discount_of(D("300.00"), D("200.00")) == D("33.34")
    assert discount_of(D("100.00"), D("90.00")) == D("10.00")
    assert discount_of(D(0), D(0)) == 0
    assert unit_price(D("19.99"), D(10), "USD") == D("17.99")


@pytest.mark.parametrize("line", [Line(D(-1), D(1)), Line(D(1), D(-1)), Line(D(1), D(1), D(101)), Line(D(1), D(LARGEST + 1))])
def test_nonsense_is_refused(line):
    with pytest.raises(ValueError):
        priced([line], "USD")


amounts = st.decimals(0, LARGEST, places=4)
percents = st.decimals(0, 100, places=2)
lines = st.lists(st.builds(Line, st.decimals(0, MOST, places=4), amounts, percents, st.none() | amounts), max_size=6)


@given(lines, percents, st.sampled_from(["JPY", "EUR", "KWD"]))
@settings(max_examples=100, deadline=None)
def test_the_sums_are_those_of_the_lines_and_nothing_is_negative(lines, whole, currency):
    found = priced(lines, currency, whole)
    for name, sum_of in (("list_total", "list_total"), ("discount_amount", "line_discounts"), ("whole_share", "whole_discount"), ("net", "net")):  # fmt: skip  # noqa: E501
        assert sum((getattr(line, name) for line in found.lines), D(0)) == getattr(found, sum_of)
    assert found.list_total - found.line_discounts - found.whole_discount == found.net
    assert all(line.net >= 0 and line.whole_share >= 0 for line in found.lines)
    assert sum((line.margin for line in found.lines if line.margin is not None), D(0)) == found.margin
