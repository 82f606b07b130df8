"""Orders, stock and invoices under bad input, second clicks and several people at once: nothing twice, nothing lost."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Sum

from pipeline.models import (
    Delivery,
    DiscountLimit,
    Invoice,
    Movement,
    Order,
    OrderRequest,
    Payment,
    Price,
    PriceList,
    Product,
    Stock,
    Warehouse,
)
from pipeline.services.invoices import record_credit, record_delivery, record_invoice, record_payment
from pipeline.services.orders import Wanted, cancel_order, confirm_request, take_order
from pipeline.services.stock import close_warehouse
from salesorg.lib.errors import DomainError
from salesorg.people.roles import Role

D = Decimal


@pytest.fixture
def halls(db):
    return [Warehouse.objects.create(name=f"Hall {letter}") for letter in "ABC"]


@pytest.fixture
def pump(halls):
    product = Product.objects.create(name="Pump")
    usual = PriceList.objects.create(name="Usual", currency="USD", during=DateRange(date(2020, 1, 1), None))
    Price.objects.create(price_list=usual, product=product, amount=100)
    for hall in halls:
        Movement.objects.create(warehouse=hall, product=product, kind="received", on_hand=5)
    return product


@pytest.fixture
def order(rita, account_of, halls, pump):
    """Five pumps from Hall A, all that it has."""
    return taken(account_of(rita, "Acme"), rita, halls[0], pump, 5)


def taken(account, actor, hall, product, count):
    lines = [Wanted(product, D(count))]
    return take_order(account=account, lines=lines, warehouse=hall, actor=actor).orders.get()


@pytest.fixture
def invoice(order, fay):
    return record_invoice(account=order.account, order=order, number="R-1", amount=D(500), issued_on=fay.today, actor=fay)


def together(*works):
    """All of `works` at the same moment, each on a connection of its own: their results or refusals, in order."""
    barrier = Barrier(len(works))

    def run(work):
        try:
            barrier.wait(timeout=10)
            return work()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def done(answers):
    return [each for each in answers if not isinstance(each, DomainError)]


def test_a_second_click_records_a_delivery_and_a_payment_once(order, invoice, rita, fay, as_user):
    form = {"kind": "delivered", "on": str(rita.today), f"line_{order.lines.get().pk}": "2", "client_id": str(uuid.uuid4())}
    money = {"amount": "100", "paid_on": str(fay.today), "client_id": str(uuid.uuid4())}
    for _click in range(2):
        assert as_user(rita).post(f"/orders/{order.pk}/deliver/", form).status_code == 302
        assert as_user(fay).post(f"/invoices/{invoice.pk}/payment/", money).status_code == 302
    invoice.refresh_from_db()
    assert (Delivery.objects.count(), Payment.objects.count(), invoice.open) == (1, 1, 400)
    assert "client_id" in as_user(rita).get(f"/orders/{order.pk}/deliver/").content.decode()


def test_the_way_back_and_other_figures_are_never_answered_as_if_they_were_recorded(order, invoice, rita, fay):
    line, number = order.lines.get().pk, uuid.uuid4()
    facts = {"order": order, "kind": "delivered", "on": rita.today, "actor": rita, "client_id": number}
    money = {"invoice": invoice, "paid_on": fay.today, "actor": fay, "client_id": number}
    record_delivery(quantities={line: D(1)}, **facts)
    record_payment(amount=D(100), **money)
    for again in (lambda: record_delivery(quantities={line: D(2)}, **facts), lambda: record_payment(amount=D(101), **money)):
        with pytest.raises(DomainError, match="already been used for something else"):
            again()


@pytest.mark.parametrize(("amount", "said"), [
    (D("0.005"), "USD has 2 digits"), (D(-1), "More would go back"), (D(0), "Give an amount"), (D(10) ** 15 + 1, "more than"),
])  # fmt: skip
def test_a_payment_is_money_that_there_can_be(invoice, fay, amount, said):
    with pytest.raises(DomainError, match=said):
        record_payment(invoice=invoice, amount=amount, paid_on=fay.today, actor=fay)
    record_payment(invoice=invoice, amount=D("33.33"), paid_on=fay.today, actor=fay)
    record_payment(invoice=invoice, amount=D("-33.33"), paid_on=fay.today, actor=fay)
    invoice.refresh_from_db()
    assert invoice.open == 500


def test_an_invoiced_order_is_not_cancelled_before_it_is_credited_and_a_cancelled_one_not_invoiced(order, invoice, rita, fay):
    with pytest.raises(DomainError, match="is invoiced: record a credit note"):
        cancel_order(order=order, reason="Late", actor=rita)
    record_credit(invoice=invoice, number="C-1", amount=D(500), issued_on=fay.today, actor=fay)
    cancel_order(order=order, reason="Late", actor=rita)
    with pytest.raises(DomainError, match="is cancelled"):
        record_invoice(account=order.account, order=order, number="R-2", amount=D(1), issued_on=fay.today, actor=fay)


def test_nobody_confirms_a_discount_from_their_own_phone_that_they_may_not_give(rita, mia, account_of, halls, pump):
    DiscountLimit.objects.create(role=Role.AE, percent=10)
    line = Wanted(pump, D(1), discount=D(60))
    request = take_order(account=account_of(rita), lines=[line], warehouse=halls[0], actor=rita, at_once=False)
    quantities = {request.lines.get().pk: D(1)}
    with pytest.raises(DomainError, match="60% is given away; Rita may give 10%"):
        confirm_request(request=request, quantities=quantities, warehouse=halls[0], actor=rita)
    assert confirm_request(request=request, quantities=quantities, warehouse=halls[0], actor=mia).net == 40


def test_an_order_names_no_deal_to_who_may_not_see_it(order, rita, person, deal_of, as_user, tom, account_of):
    deal = deal_of(tom, account_of(tom), name="Secret expansion")
    Order.objects.update(deal=deal)
    assert "Secret expansion" not in as_user(rita).get(order.get_absolute_url()).content.decode()


@pytest.mark.parametrize("hidden", ["replaces", "proposal", "deal", "account"])
def test_keys_of_others_in_addresses_and_forms_are_as_absent(hidden, order, tom, as_user, deal_of, rita):
    key = {"deal": deal_of(rita).pk, "account": order.account_id}.get(hidden, order.pk)
    page = as_user(tom).get(f"/orders/new/?{hidden}={key}")
    assert page.templates[0].name == "pipeline/order_start.html" and "Acme" not in page.content.decode()
    typed = {"client_id": str(order.request.client_id), "product": "1", "quantity": "1", "warehouse": "1"}
    as_user(tom).post(f"/orders/new/?{hidden}={key}", typed)
    for path in ("", "cancel/", "deliver/", "afterwards/", "invoice/"):
        assert as_user(tom).get(f"/orders/{order.pk}/{path}").status_code in (403, 404), path
    assert Order.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_five_people_and_three_warehouses_promise_no_more_than_lies_there(rita, sam, account_of, halls, pump):
    accounts = [account_of(rita, f"Acme {n}") for n in range(5)]

    def often(n):
        def work():
            got = 0
            for again in range(6):
                try:
                    got += bool(taken(accounts[n], rita, halls[(n + again) % 3], pump, 1))
                except DomainError as refusal:
                    assert "left" in str(refusal)
            return got

        return work

    assert sum(together(*[often(n) for n in range(5)])) == 15
    assert list(Stock.objects.order_by("pk").values_list("available", "reserved")) == [(0, 5)] * 3
    assert OrderRequest.objects.count() == Order.objects.count() == 15


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment_an_order_is_delivered_cancelled_invoiced_or_its_warehouse_closed_but_not_against_each_other(
    rita, fay, otto, account_of, halls, pump
):
    acme = account_of(rita, "Acme")
    for again in range(4):
        order = taken(acme, rita, halls[1], pump, 1)
        line = order.lines.get().pk

        def deliver(order=order, line=line):
            return record_delivery(order=order, kind="delivered", on=rita.today, quantities={line: D(1)}, actor=rita)

        def cancel(order=order):
            return cancel_order(order=order, reason="Late", actor=rita)

        def bill(order=order, number=f"R-{again}"):
            facts = {"number": number, "amount": D(100), "issued_on": fay.today, "actor": fay}
            return record_invoice(account=acme, order=order, **facts)

        answers = together(deliver, deliver, cancel, bill, lambda: close_warehouse(warehouse=halls[2], closed=True, actor=otto))
        order.refresh_from_db()
        if order.is_cancelled:
            assert not order.deliveries.exists() and not order.invoices.exists(), answers
        else:
            assert order.deliveries.count() == 1 and order.invoices.count() == 1, answers
    left = Stock.objects.get(warehouse=halls[1])
    assert left.reserved == 0 and left.on_hand == 5 - Delivery.objects.count()


@pytest.mark.django_db(transaction=True)
def test_paying_and_crediting_at_once_leaves_what_they_add_up_to_and_one_number_is_recorded_once(invoice, fay):
    def pay():
        return record_payment(invoice=invoice, amount=D("33.33"), paid_on=fay.today, actor=fay)

    def credit():
        return record_credit(invoice=invoice, number="C-1", amount=D(100), issued_on=fay.today, actor=fay)

    answers = together(pay, credit, pay, credit, pay)
    assert len(done(answers)) == 4, answers
    invoice.refresh_from_db()
    moved = Payment.objects.aggregate(sum=Sum("amount"))["sum"] + 100
    assert invoice.open == 500 - moved == D("300.01") and Invoice.objects.filter(number="C-1").count() == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_promised_from_a_warehouse_that_is_closed_at_the_same_moment(rita, otto, account_of, halls, pump):
    acme, line = account_of(rita), Wanted(pump, D(9))

    def confirmed(account, actor, hall, product):
        request = waiting.pop()
        return confirm_request(request=request, quantities={request.lines.get().pk: D(1)}, warehouse=hall, actor=actor)

    waiting = [take_order(account=acme, lines=[line], warehouse=halls[0], actor=rita, at_once=False) for _hall in halls]
    for hall in halls:
        order, closed = together(
            lambda hall=hall: confirmed(acme, rita, hall, pump),
            lambda hall=hall: close_warehouse(warehouse=hall, closed=True, actor=otto),
        )
        hall.refresh_from_db()
        assert isinstance(order, DomainError) != isinstance(closed, DomainError), (order, closed)
        assert (hall.archived_at is None) == isinstance(order, Order)
