"""Products, what they cost us, and which price of which list counts on a day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from pipeline.models import Price, PriceList, Product, ProductCost
from pipeline.price_lists import prices_on
from pipeline.services.products import save_price_list, set_cost, set_prices
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError


@pytest.fixture
def pump(db):
    return Product.objects.create(name="Pump", code="P-1", unit="piece")


@pytest.fixture
def usual(otto):
    return PriceList.objects.create(name="Usual", currency="USD", during=DateRange(date(2026, 1, 1), None))


def url(name, *args, **query):
    return reverse(f"pipeline:{name}", args=args, query=query or None)


def test_of_two_lists_the_one_that_began_last_counts_for_what_it_names(pump, usual, otto):
    hose = Product.objects.create(name="Hose")
    spring = PriceList.objects.create(name="Spring", currency="USD", during=DateRange(date(2026, 3, 1), date(2026, 6, 1)))
    for price_list, prices in ((usual, {pump: 100, hose: 20}), (spring, {pump: 80})):
        set_prices(price_list=price_list, prices=prices, since=None, actor=otto)
    assert prices_on(date(2026, 2, 28), "USD") == {pump.pk: 100, hose.pk: 20}
    assert prices_on(date(2026, 3, 1), "USD") == {pump.pk: 80, hose.pk: 20}
    assert prices_on(date(2026, 6, 1), "USD") == {pump.pk: 100, hose.pk: 20}
    assert prices_on(date(2026, 3, 1), "EUR") == {}


def test_a_new_price_counts_from_its_day_and_the_old_one_stays_for_its_days(pump, usual, otto):
    set_prices(price_list=usual, prices={pump: 100}, since=None, actor=otto, today=date(2026, 1, 1))
    set_prices(price_list=usual, prices={pump: 110}, since=date(2026, 5, 1), actor=otto, today=date(2026, 4, 1))
    assert prices_on(date(2026, 4, 30), "USD") == {pump.pk: 100}
    assert prices_on(date(2026, 5, 1), "USD") == {pump.pk: 110}


@pytest.mark.parametrize("since", [date(2026, 4, 30), date(2025, 1, 1), None])
def test_a_price_of_the_past_is_not_changed(since, pump, usual, otto):
    set_prices(price_list=usual, prices={pump: 100}, since=None, actor=otto, today=date(2026, 1, 1))
    with pytest.raises(DomainError):
        set_prices(price_list=usual, prices={pump: 90}, since=since, actor=otto, today=date(2026, 5, 1))
    assert Price.objects.get().amount == 100


def test_a_list_with_prices_keeps_its_currency(pump, usual, otto):
    set_prices(price_list=usual, prices={pump: 100}, since=None, actor=otto)
    with pytest.raises(DomainError):
        save_price_list(
            price_list=usual, name="Usual", currency="JPY", first_day=date(2026, 1, 1), last_day=None, actor=otto
        )  # fmt: skip


def test_operations_paste_prices_from_a_sheet(pump, usual, otto, as_user):
    Product.objects.create(name="Hose; long", code="H-2")
    day = date.today() + timedelta(days=1)
    page = url("price_paste", usual.pk)
    answer = as_user(otto).post(page, {"since": str(day), "lines": "p-1\t1,250.50\nH-2;19,90\n"})
    assert answer.status_code == 302
    assert dict(Price.objects.values_list("product__code", "amount")) == {"P-1": Decimal("1250.5"), "H-2": Decimal("19.9")}
    wrong = as_user(otto).post(page, {"since": str(day), "lines": "P-1;12\nX-9;5\nP-1;much"})
    assert wrong.status_code == 422 and Price.objects.count() == 2
    assert "Line 2: there is no product" in wrong.content.decode() and "Line 3" in wrong.content.decode()


def test_what_a_product_costs_us_never_reaches_a_seller(pump, otto, mia, rita, as_user):
    with acting(otto):
        set_cost(product=pump, currency="USD", since=date(2026, 1, 1), amount=Decimal("41.37"), actor=otto)
    pages = [url("product_list"), url("product_detail", pump.pk)]
    pages.append(reverse("audit:history", args=["pipeline_productcost", ProductCost.objects.get().pk]))
    for page in pages:
        assert "41.37" in as_user(mia).get(page).content.decode(), page
        assert "41.37" not in as_user(rita).get(page).content.decode(), page
    assert as_user(rita).get(pages[2]).status_code == 404


def test_two_products_share_no_code(pump, otto, as_user):
    answer = as_user(otto).post(url("product_new"), {"name": "Other", "code": "P-1"})
    assert answer.status_code == 422 and "Another product has" in answer.content.decode()


def test_a_product_that_is_no_longer_sold_is_not_offered(pump, otto, as_user):
    client = as_user(otto)
    assert "Pump" in client.get(url("product_lookup", q="pum")).content.decode()
    client.post(url("product_archive", pump.pk), {"archived": "1"})
    assert "Pump" not in client.get(url("product_lookup", q="pum")).content.decode()
    assert "Pump" in client.get(url("product_list", archived=1)).content.decode()
