"""What became of orders: delivered and back, invoiced, credited and paid; rows are added and never changed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import InternalError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts import revenue
from pipeline.models import Invoice, Movement, Payment, Price, PriceList, Product, Stock, Warehouse
from pipeline.services.invoices import record_credit, record_delivery, record_invoice, record_payment
from pipeline.services.orders import Wanted, cancel_order, take_order
from salesorg.lib.errors import DomainError


@pytest.fixture
def order(rita, account_of):
    """Five pumps at 100 from Hall A, which has eight."""
    prices = PriceList.objects.create(name="Usual", currency="USD", during=DateRange(date(2020, 1, 1), None))
    hall, pump = Warehouse.objects.create(name="Hall A"), Product.objects.create(name="Pump")
    Price.objects.create(price_list=prices, product=pump, amount=100)
    Movement.objects.create(warehouse=hall, product=pump, kind="received", on_hand=8)
    lines = [Wanted(pump, Decimal(5))]
    return take_order(account=account_of(rita, "Acme"), lines=lines, warehouse=hall, actor=rita).orders.get()


def delivered(order, actor, quantity, kind="delivered"):
    quantities = {order.lines.get().pk: Decimal(quantity)}
    return record_delivery(order=order, kind=kind, on=actor.today, quantities=quantities, actor=actor).state


def test_deliveries_and_returns_say_how_far_an_order_is_and_move_the_stock(order, rita):
    assert [delivered(order, rita, 2), delivered(order, rita, 3), delivered(order, rita, 5, "returned")] == [
        "partly", "delivered", "returned",
    ]  # fmt: skip
    stock = Stock.objects.get()
    assert (stock.on_hand, stock.reserved) == (8, 0)
    with pytest.raises(DomainError, match="at most 0"):
        delivered(order, rita, 1)
    with pytest.raises(DomainError, match="was delivered: record what comes back"):
        cancel_order(order=order, reason="Late", actor=rita)


def test_what_is_open_is_what_payments_and_credit_notes_leave(order, fay):
    day = fay.today - timedelta(days=40)
    bill = {"order": order, "amount": Decimal(500), "issued_on": day, "due_on": day + timedelta(days=30), "actor": fay}
    invoice = record_invoice(account=order.account, number="R-1", **bill)
    record_payment(invoice=invoice, amount=Decimal(200), paid_on=day, actor=fay)
    record_payment(invoice=invoice, amount=Decimal(-50), paid_on=day, reference="typed twice", actor=fay)
    record_credit(invoice=invoice, number="C-1", amount=Decimal(100), issued_on=day, actor=fay)
    invoice.refresh_from_db()
    assert invoice.open == 250 and list(Invoice.objects.overdue(fay.today)) == [invoice]
    with pytest.raises(DomainError, match="More would be credited"):
        record_credit(invoice=invoice, number="C-2", amount=Decimal(401), issued_on=day, actor=fay)
    with pytest.raises(DomainError, match="R-1 is recorded already"):
        record_invoice(account=order.account, number="R-1", **bill)
    for rewrite in (lambda: Payment.objects.update(amount=9), lambda: Invoice.objects.update(amount=9)):
        with pytest.raises(InternalError), transaction.atomic():
            rewrite()


def test_invoices_less_credit_notes_stand_where_a_company_has_any_else_won_deals(order, fay, rita, deal_of, account_of, as_user):
    other = account_of(rita, "Beta")
    for account in (order.account, other):
        deal_of(rita, account, stage="Won", amount=1000, close_date=fay.today)
    invoice = record_invoice(account=order.account, number="R-1", amount=Decimal(500), issued_on=fay.today, actor=fay)
    record_credit(invoice=invoice, number="C-1", amount=Decimal(100), issued_on=fay.today, actor=fay)
    rows = [row for source in revenue.revenue_sources() for row in source.rows("USD").values_list("account_id", "amount")]
    assert sorted(rows) == sorted(
        [(order.account_id, Decimal(500)), (order.account_id, Decimal(-100)), (other.pk, Decimal(1000))]
    )


def test_finance_records_on_pages_what_the_rep_then_reads(order, fay, rita, as_user):
    facts = {"number": "R-7", "amount": "500", "issued_on": str(fay.today), "due_on": str(fay.today)}
    assert as_user(fay).post(f"/orders/{order.pk}/invoice/", facts).status_code == 302
    page = f"/invoices/{Invoice.objects.get().pk}/"
    assert as_user(fay).post(f"{page}payment/", {"amount": "120", "paid_on": str(fay.today)}).status_code == 302
    assert "380" in as_user(rita).get(page).content.decode()
    assert "R-7" in as_user(rita).get(f"/accounts/{order.account_id}/invoices/").content.decode()
    line = order.lines.get()
    typed = {"kind": "delivered", "on": str(fay.today), f"line_{line.pk}": "2"}
    assert as_user(rita).post(f"/orders/{order.pk}/deliver/", typed).status_code == 302
    assert "2 × Pump" in as_user(rita).get(f"/orders/{order.pk}/afterwards/").content.decode()
