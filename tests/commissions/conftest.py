"""Won deals, pay terms and nights, for the tests of pay."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from commissions.models import Period
from commissions.services import assign_plan, close_period, set_quota, standard_plan
from salesorg.people.roles import Role

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


@pytest.fixture
def won(deal_of):
    """A won deal of March 2026: won(rita, 10_000); with a split: won(rita, 10_000, shares={rita: 60, sam: 40})."""
    from pipeline.models import DealMember

    def make(user, amount, on=date(2026, 3, 10), shares=None, **fields):
        fields = {"close_date": on, "amount": amount, "stage": "Won"} | fields
        if amount is None:
            fields["gate_debt"] = ["amount"]
        deal = deal_of(user, **fields)
        if shares:
            deal.members.all().delete()
            for each, percent in shares.items():
                DealMember.objects.create(
                    deal=deal, user=each, role=Role.AE, revenue_share=percent * 100, during=DateRange(date(2020, 1, 1), None)
                )
        return deal

    return make


@pytest.fixture
def paid(organisation):
    """Pay a person 5 % up to the monthly quota and 8 % above it, from January 2026: paid(rita, 10_000)."""

    def pay(user, quota, start=date(2026, 1, 1), currency="USD"):
        set_quota(user=user, amount=Decimal(quota), currency=currency, start=start, actor=None)
        assign_plan(user=user, version=standard_plan(currency="USD", actor=None), start=start, actor=None)

    return pay


@pytest.fixture
def night(organisation):
    """Run the nightly run in this process, as of a day, and return the Run."""
    from salesorg.jobs.runs import run_here, start_run

    def run(day=date(2026, 4, 2)):
        run = run_here(start_run(job="nightly", period=day.isoformat(), again=True))
        assert run.state == run.State.DONE, run.problems
        assert run.counts.get("checks broken") == 0, run.problems
        return run

    return run


@pytest.fixture
def close():
    """Close a month as fay: close(fay, MARCH)."""
    return lambda actor, month, **options: close_period(period=Period.objects.get(start=month), actor=actor, **options)


@pytest.fixture
def pay_of():
    """What the statement of a person for a month says, in major units."""
    from commissions.models import Statement
    from salesorg.lib.money import from_minor

    def total(user, month=MARCH):
        return sum(from_minor(each.total, each.currency) for each in Statement.objects.filter(user=user, period__start=month))

    return total
