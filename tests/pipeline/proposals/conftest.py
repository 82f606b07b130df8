"""A product with a price, proposals written about it, limits of discounts, one that was sent."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from pipeline.forms import public
from pipeline.models import (
    DiscountLimit,
    PriceList,
    Product,
)
from pipeline.services.products import set_cost, set_prices
from pipeline.services.proposals import Wanted, create_proposal, save_proposal
from pipeline.services.sending import send_proposal
from salesorg.people.roles import Role

D = Decimal


@pytest.fixture
def pump(otto):
    product = Product.objects.create(name="Pump", code="P-1", unit="piece")
    usual = PriceList.objects.create(name="Usual", currency="USD", during=DateRange(date(2020, 1, 1), None))
    set_prices(price_list=usual, prices={product: 100}, since=None, actor=otto)
    set_cost(product=product, currency="USD", since=date(2020, 1, 1), amount=D("61.37"), actor=otto)
    return product


@pytest.fixture
def write(pump):
    """A proposal of two pumps and an hour of work: write(deal, discount=10)."""

    def make(deal, proposal=None, actor=None, **facts):
        lines = facts.pop("lines", [Wanted(pump, "", D(2)), Wanted(None, "Fitting", D(1), D(50))])
        facts = {"currency": "USD", "valid_until": deal.owner.today + timedelta(days=10), "discount": D(0)} | facts
        facts |= {"name": "Pumps", "lines": lines, "actor": actor or deal.owner}
        return save_proposal(proposal=proposal, **facts) if proposal else create_proposal(deal=deal, **facts)

    return make


@pytest.fixture
def limited(db):
    """Account executives give 10 %, managers 30 %."""
    DiscountLimit.objects.create(role=Role.AE, percent=10)
    DiscountLimit.objects.create(role=Role.MANAGER, percent=30)


@pytest.fixture
def sent(rita, deal_of, write):
    return send_proposal(proposal=write(deal_of(rita), intro="Dear <b>you</b> #sys", terms="30 days").proposal, actor=rita)


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(public, "QUICKEST", -1)
