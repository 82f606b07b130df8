"""Statements computed on paper, one per file, against the engine."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from commissions.engine import Credit, Quota, earn, plan_of
from salesorg.lib.money import from_minor, to_minor

CASES = sorted(Path(__file__).with_name("cases").glob("*.json"))


def minor(text, currency):
    return to_minor(Decimal(text), currency)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_engine_agrees_with_the_statement_on_paper(path):
    case = json.loads(path.read_text())
    currency = case["currency"]
    result = earn(
        plan_of(case["components"]),
        currency,
        {measure: Quota(minor(amount, currency), currency) for measure, amount in case["quotas"].items()},
        [
            Credit(number, credit["measure"], minor(credit["amount"], currency), currency)
            for number, credit in enumerate(case["credits"], 1)
        ],
    )
    assert [str(from_minor(line.amount, currency)) for line in result.lines] == case["lines"], case["statement"]
    assert from_minor(sum(line.amount for line in result.lines), currency) == Decimal(case["total"])
    assert [problem.code for problem in result.problems] == case["problems"]


def test_there_are_paper_statements():
    assert len(CASES) >= 10
