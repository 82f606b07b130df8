"""What lies in the warehouses: the balance is what the movements add up to, and nobody writes it otherwise."""

from decimal import Decimal

import pytest
from django.db import InternalError, transaction
from django.db.models import Sum
from django.urls import reverse

from pipeline.models import Movement, Product, Stock, Warehouse
from pipeline.services.stock import change_stock, close_warehouse, move
from salesorg.lib.errors import DomainError


@pytest.fixture
def hall(db):
    return Warehouse.objects.create(name="Hall A")


@pytest.fixture
def pump(db):
    return Product.objects.create(name="Pump", code="P-1", unit="piece")


def have(warehouse, otto, **facts):
    """have(hall, otto, received={pump: 5})"""
    for kind, quantities in facts.items():
        amounts = {product: Decimal(count) for product, count in quantities.items()}
        change_stock(warehouse=warehouse, kind=kind, quantities=amounts, reason="test", actor=otto)


def test_the_balance_is_what_the_movements_add_up_to(hall, pump, otto):
    have(hall, otto, received={pump: 10})
    have(hall, otto, taken={pump: 3})
    have(hall, otto, counted={pump: 5})
    have(hall, otto, counted={pump: 5})  # finds what is booked: no row
    move(warehouse=hall, kind="reserved", quantities={pump: Decimal(2)}, reason="", actor=otto)
    sums = Movement.objects.aggregate(on_hand=Sum("on_hand"), reserved=Sum("reserved"))
    stock = Stock.objects.get()
    assert (stock.on_hand, stock.reserved, stock.available) == (5, 2, 3)
    assert sums == {"on_hand": 5, "reserved": 2} and Movement.objects.count() == 4


@pytest.mark.parametrize("write", [
    lambda: Stock.objects.update(on_hand=99), lambda: Movement.objects.update(on_hand=99),
    lambda: Movement.objects.all().delete(), lambda: Stock.objects.all()._raw_delete("default"),
])  # fmt: skip
def test_nobody_writes_a_balance_or_rewrites_a_movement(write, hall, pump, otto):
    have(hall, otto, received={pump: 10})
    with pytest.raises(InternalError), transaction.atomic():
        write()
    assert Stock.objects.get().on_hand == 10


def test_no_more_is_taken_than_there_is_and_a_correction_says_why(hall, pump, otto):
    have(hall, otto, received={pump: 1})
    with pytest.raises(DomainError, match="Only 1 of Pump are in Hall A"):
        have(hall, otto, taken={pump: 2})
    with pytest.raises(DomainError, match="Say why"):
        change_stock(warehouse=hall, kind="counted", quantities={pump: Decimal(9)}, reason=" ", actor=otto)
    assert Stock.objects.get().on_hand == 1


def test_a_count_below_what_is_promised_is_believed_and_shown(hall, pump, otto, rita, as_user):
    have(hall, otto, received={pump: 5})
    move(warehouse=hall, kind="reserved", quantities={pump: Decimal(4)}, reason="", actor=otto)
    have(hall, otto, counted={pump: 3})
    assert Stock.objects.get().available == -1
    page = as_user(rita).get(reverse("pipeline:stock_list")).content.decode()
    assert "Pump" in page and "-1" in page
    with pytest.raises(DomainError, match="still to be delivered"):
        close_warehouse(warehouse=hall, closed=True, actor=otto)


def test_operations_paste_a_count_from_a_sheet_and_wrong_lines_are_named(hall, pump, otto, as_user):
    Product.objects.create(name="Hose", code="H-2")
    page, facts = reverse("pipeline:stock_change"), {"warehouse": hall.pk, "kind": "counted", "reason": "Inventory"}
    answer = as_user(otto).post(page, facts | {"lines": "p-1\t1,250\nH-2;19,5\n"})
    assert answer.status_code == 302
    assert dict(Stock.objects.values_list("product__code", "on_hand")) == {"P-1": 1250, "H-2": Decimal("19.5")}
    wrong = as_user(otto).post(page, facts | {"lines": "P-1;12\nX-9;5\nH-2;many\np-1;3"})
    said = wrong.content.decode()
    assert wrong.status_code == 422 and Stock.objects.get(product=pump).on_hand == 1250
    assert "Line 2: there is no product" in said and "Line 3" in said and "Line 4" in said
