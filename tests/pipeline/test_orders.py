"""Orders in front of the customer: promised from the stock, and of two who want the last piece exactly one gets it."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import InternalError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from pipeline.models import DiscountLimit, Movement, Order, OrderLine, OrderRequest, Price, PriceList, Product, Stock, Warehouse
from pipeline.services.order_mail import mail_order
from pipeline.services.orders import Wanted, cancel_order, confirm_request, decline_request, left_to_order, take_order
from salesorg.jobs.models import OutboxMessage
from salesorg.lib.errors import DomainError
from salesorg.people.roles import Role

DAY = date(2020, 1, 1)


@pytest.fixture
def usual(db):
    return PriceList.objects.create(name="Usual", currency="USD", during=DateRange(DAY, None))


@pytest.fixture
def hall(db):
    return Warehouse.objects.create(name="Hall A")


@pytest.fixture
def product_of(usual, hall):
    """A product at a price, with so much in Hall A: product_of("Pump", 100, 5). Without a quantity it is kept in no stock."""

    def make(name, price=100, count=None, warehouse=None):
        product = Product.objects.create(name=name, unit="piece")
        if price is not None:
            Price.objects.create(price_list=usual, product=product, amount=price)
        if count is not None:
            Movement.objects.create(warehouse=warehouse or hall, product=product, kind="received", on_hand=count)
        return product

    return make


def wanted(product, quantity, **more):
    return Wanted(product, Decimal(quantity), **more)


def available(product, warehouse):
    return Stock.objects.get(product=product, warehouse=warehouse).available


def test_an_order_keeps_every_step_of_its_sum_and_is_promised_from_the_stock(rita, account_of, hall, product_of):
    pump, advice = product_of("Pump", 100, 5), product_of("Advice", 50)
    lines = [wanted(pump, 3, discount=Decimal(10)), wanted(advice, 2)]
    order = take_order(account=account_of(rita), lines=lines, warehouse=hall, discount=Decimal(5), actor=rita).orders.get()
    assert (order.list_total, order.line_discounts, order.whole_discount, order.net) == (
        400,
        30,
        Decimal("18.5"),
        Decimal("351.5"),
    )
    assert list(order.lines.values_list("net", "is_reserved")) == [(Decimal("256.5"), True), (95, False)]
    assert (available(pump, hall), order.request.state) == (2, "confirmed")
    cancel_order(order=order, reason="Changed their mind", actor=rita)
    assert available(pump, hall) == 5


def test_what_is_not_there_is_refused_with_what_is_left_here_and_elsewhere(rita, account_of, hall, product_of):
    other = Warehouse.objects.create(name="Hall B")
    pump = product_of("Pump", 100, 2)
    Movement.objects.create(warehouse=other, product=pump, kind="received", on_hand=7)
    with pytest.raises(DomainError, match=r"Pump: 2 left, 3 wanted \(elsewhere: Hall B 7\)"):
        take_order(account=account_of(rita), lines=[wanted(pump, 1), wanted(pump, 2)], warehouse=hall, actor=rita)
    assert OrderRequest.objects.count() == 0 and available(pump, hall) == 2


@pytest.mark.parametrize("rewrite", [
    lambda order: Order.objects.update(net=1), lambda order: order.lines.update(quantity=9),
    lambda order: order.lines.all().delete(), lambda order: Order.objects.filter(pk=order.pk)._raw_delete("default"),
    lambda order: OrderRequest.objects.update(note="other"),
])  # fmt: skip
def test_a_placed_order_never_changes(rewrite, rita, account_of, hall, product_of):
    lines = [wanted(product_of("Pump", 9, 5), 1)]
    order = take_order(account=account_of(rita), lines=lines, warehouse=hall, actor=rita).orders.get()
    with pytest.raises(InternalError), transaction.atomic():
        rewrite(order)


def test_a_change_is_another_order_in_its_place_that_may_take_what_the_first_had(rita, account_of, hall, product_of):
    pump, acme = product_of("Pump", 100, 5), account_of(rita)
    first = take_order(account=acme, lines=[wanted(pump, 5)], warehouse=hall, actor=rita).orders.get()
    second = take_order(account=acme, lines=[wanted(pump, 4)], warehouse=hall, replaces=first, actor=rita).orders.get()
    first.refresh_from_db()
    assert (first.state, second.replaces, available(pump, hall)) == ("cancelled", first, 1)
    with pytest.raises(DomainError, match="left"):
        take_order(account=acme, lines=[wanted(pump, 6)], warehouse=hall, replaces=second, actor=rita)
    second.refresh_from_db()
    assert (second.state, available(pump, hall)) == ("open", 1)  # nothing is given up for an order that cannot be had


def later(account, actor, warehouse, *lines, **more):
    """An order as it comes from a phone that had no network."""
    return take_order(account=account, lines=list(lines), warehouse=warehouse, actor=actor, at_once=False, **more)


def test_what_comes_from_a_phone_is_confirmed_wholly_in_part_or_waits(rita, account_of, hall, product_of):
    pump, hose, acme = product_of("Pump", 100, 5), product_of("Hose", 10, 1), account_of(rita)
    whole = later(acme, rita, hall, wanted(pump, 2, price=Decimal(100)))
    waits = later(acme, rita, hall, wanted(pump, 1), wanted(hose, 3))
    part = later(acme, rita, hall, wanted(pump, 1), wanted(hose, 3), if_missing="part")
    other_price = later(acme, rita, hall, wanted(pump, 1, price=Decimal(90)))
    assert [each.state for each in (whole, waits, part, other_price)] == ["confirmed", "waiting", "partly", "waiting"]
    assert list(part.orders.get().lines.values_list("product__name", "quantity")) == [("Pump", 1), ("Hose", 1)]
    assert [(line.product, quantity) for line, quantity in left_to_order(part)] == [(hose, 2)]
    assert available(pump, hall) == 2


def test_somebody_decides_on_what_waits_and_the_second_to_decide_is_told(rita, sam, account_of, hall, product_of):
    hose = product_of("Hose", 10, 1)
    request = later(account_of(rita), rita, hall, wanted(hose, 3))
    line = request.lines.get()
    with pytest.raises(DomainError, match="1 left, 3 wanted"):
        confirm_request(request=request, quantities={line.pk: Decimal(3)}, warehouse=hall, actor=sam)
    order = confirm_request(request=request, quantities={line.pk: Decimal(1)}, warehouse=hall, actor=sam)
    assert (order.net, order.taken_for, OrderRequest.objects.get().state) == (10, rita, "partly")
    decline_request(request=request, reason="No more are made", actor=sam)
    with pytest.raises(DomainError, match="Sam has decided this meanwhile"):
        confirm_request(request=request, quantities={line.pk: Decimal(1)}, warehouse=hall, actor=rita)


def test_a_discount_above_the_own_limit_is_refused_at_the_customers_and_waits_from_a_phone(rita, account_of, hall, product_of):
    DiscountLimit.objects.create(role=Role.AE, percent=10)
    pump, acme = product_of("Pump", 100, 5), account_of(rita)
    lines = [wanted(pump, 1, discount=Decimal(10)), wanted(pump, 1, discount=Decimal(11))]
    with pytest.raises(DomainError, match=r"10\.5% is given away; Rita may give 10%"):
        take_order(account=acme, lines=lines, warehouse=hall, actor=rita)
    assert later(acme, rita, hall, *lines).state == "waiting"
    assert take_order(account=acme, lines=lines[:1], warehouse=hall, actor=rita).state == "confirmed"


def test_whoever_took_an_order_is_told_what_became_of_it(rita, sam, account_of, hall, product_of, mailoutbox):
    hose = product_of("Hose", 10, 1)
    request = later(account_of(rita, "Acme"), rita, hall, wanted(hose, 3))
    confirm_request(request=request, quantities={request.lines.get().pk: Decimal(1)}, warehouse=hall, actor=sam)
    decline_request(request=request, reason="No more are made", actor=sam)
    for message in OutboxMessage.objects.filter(topic="pipeline.order_decided").order_by("pk"):
        mail_order(message.payload)
    assert [mail.to for mail in mailoutbox] == [["rita@northwind.example"]] * 3
    assert mailoutbox[-1].subject == "Order of Acme: Confirmed" and "No more are made" in mailoutbox[-1].body


# ── on its pages ──


def typed(*lines, warehouse, **more):
    """A form as a browser sends it: lines of (product, quantity, price told, discount)."""
    columns = [list(map(str, column)) for column in zip(*lines, strict=True)]
    return dict(zip(("product", "quantity", "price", "discount_line"), columns, strict=True)) | {"warehouse": warehouse.pk} | more


def test_a_refused_order_is_shown_again_with_all_that_was_typed(rita, account_of, hall, product_of, as_user):
    pump, page = product_of("Pump", 100, 2), f"/orders/new/?account={account_of(rita).pk}"
    sent = typed((pump.pk, 3, "", "10"), (pump.pk, "", "", ""), warehouse=hall, note="Ring the bell")
    refused = as_user(rita).post(page, sent)
    said = refused.content.decode()
    assert refused.status_code == 422 and "Give a quantity above nothing" in said and "Ring the bell" in said
    refused = as_user(rita).post(page, typed((pump.pk, 3, "", "10"), warehouse=hall))
    said = refused.content.decode()
    assert refused.status_code == 422 and "Pump: 2 left, 3 wanted" in said and 'value="10"' in said and 'value="Pump"' in said
    assert as_user(rita).post(page, typed((pump.pk, 2, "", "10"), warehouse=hall)).status_code == 302
    assert Order.objects.get().net == 180
    assert "O-" in as_user(rita).get(f"/orders/{Order.objects.get().pk}/").content.decode()


def test_an_assistant_takes_an_order_for_the_colleague_who_covers_the_account(
    person, rita, tom, account_of, hall, product_of, as_user
):
    helper, acme, pump = person("ann", "north", Role.INSIDE), account_of(rita), product_of("Pump", 100, 2)
    page = f"/orders/new/?account={acme.pk}"
    assert "Rita" in as_user(helper).get(page).content.decode()
    as_user(helper).post(page, typed((pump.pk, 1, "", ""), warehouse=hall, taken_for=tom.pk))
    assert not Order.objects.exists()  # not for whoever does not cover it
    as_user(helper).post(page, typed((pump.pk, 1, "", ""), warehouse=hall, taken_for=rita.pk))
    order = Order.objects.get()
    assert (order.taken_by, order.taken_for) == (helper, rita)
    assert as_user(tom).get(order.get_absolute_url()).status_code == 404


def test_what_is_left_where_is_told_while_an_order_is_typed(rita, hall, product_of, as_user):
    pump = product_of("Pump", Decimal("99.5"), 5)
    told = as_user(rita).get(f"/products/{pump.pk}/facts/?currency=USD").json()
    assert told == {"name": "Pump", "price": "99.5", "unit": "piece", "left": [[hall.pk, "Hall A", "5"]]}


def parcel(person, account, pump, *, number, say=False, **more):
    fields = {"product": [str(pump.pk)], "quantity": ["3"], "price": ["100"], "discount_line": [""]} | more
    item = {
        "client_id": number,
        "kind": "taken",
        "account": str(account.pk),
        "fields": fields,
        "logged_at": "2026-11-20T10:00:00Z",
    }
    return {"person": person.pk, "say": say, "items": [item]}


def test_from_a_phone_it_is_refused_on_the_screen_and_waits_when_it_comes_later(rita, account_of, hall, product_of, as_user):
    pump, acme, number = product_of("Pump", 100, 2), account_of(rita), str(uuid.uuid4())

    def send(**more):
        sent = parcel(rita, acme, pump, number=number, warehouse=str(hall.pk), **more)
        return as_user(rita).post("/accounts/sent-later/", sent, content_type="application/json").json()["answers"][0]

    refused = send(say=True)
    assert refused["state"] == "refused" and "2 left, 3 wanted" in refused["said"] and not OrderRequest.objects.exists()
    first, again = send(if_missing="part"), send(if_missing="part")
    assert first == again and first["state"] == "stored" and "Still waiting: 1 × Pump" in first["said"]
    assert (OrderRequest.objects.get().state, Order.objects.get().net, available(pump, hall)) == ("partly", 200, 0)


def test_what_waits_is_decided_on_its_page(rita, person, account_of, hall, product_of, as_user):
    pump = product_of("Pump", 100, 0)
    asked = later(account_of(rita, "Acme"), rita, hall, wanted(pump, 3))
    helper = person("ann", "north", Role.INSIDE)
    Movement.objects.create(warehouse=hall, product=pump, kind="received", on_hand=2)
    client, line = as_user(helper), asked.lines.get()
    assert asked.account.name in client.get("/orders/waiting/").content.decode()
    assert "2 left" in client.get(asked.get_absolute_url()).content.decode()
    refused = client.post(asked.get_absolute_url(), {"warehouse": hall.pk, f"line_{line.pk}": "3"})
    assert refused.status_code == 422 and "2 left, 3 wanted" in refused.content.decode()
    assert client.post(asked.get_absolute_url(), {"warehouse": hall.pk, f"line_{line.pk}": "2"}).status_code == 302
    assert client.post(f"/orders/taken/{asked.pk}/decline/", {"reason": "No more are made"}).status_code == 302
    asked.refresh_from_db()
    assert (Order.objects.get().net, asked.state, asked.reason) == (200, "confirmed", "No more are made")


# ── at the same moment ──


def together(*works):
    """Start all of `works` at the same moment, each on a connection of its own; their results or refusals, in order."""
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


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_the_last_piece_one_gets_it_and_the_other_hears_that_none_is_left(
    rita, sam, account_of, hall, product_of
):
    saw, accounts = product_of("Saw", 100, 0), {each: account_of(each) for each in (rita, sam)}
    for again in range(1, 7):
        Movement.objects.create(warehouse=hall, product=saw, kind="received", on_hand=1)

        def take(who):
            return lambda: take_order(account=accounts[who], lines=[wanted(saw, 1)], warehouse=hall, actor=who)

        answers = together(take(rita), take(sam))
        refused = [answer for answer in answers if isinstance(answer, DomainError)]
        assert len(refused) == 1 and "Saw: 0 left, 1 wanted" in str(refused[0])
        assert (available(saw, hall), Order.objects.count(), OrderRequest.objects.count()) == (0, again, again)


@pytest.mark.django_db(transaction=True)
def test_orders_of_the_same_things_in_another_order_do_not_block_each_other(rita, sam, account_of, hall, product_of):
    things = [product_of(f"Thing {number}", 1, 1000) for number in range(6)]
    accounts = {each: account_of(each) for each in (rita, sam)}

    def often(who, lines):
        def work():
            found = None
            for _each in range(8):
                found = take_order(account=accounts[who], lines=lines, warehouse=hall, actor=who, replaces=found).orders.get()
            return found

        return work

    forward = [wanted(each, 1) for each in things]
    answers = together(often(rita, forward), often(sam, forward[::-1]), often(rita, forward[3:] + forward[:3]))
    assert all(isinstance(answer, Order) for answer in answers), answers
    assert {available(each, hall) for each in things} == {997}


@pytest.mark.django_db(transaction=True)
def test_the_same_order_sent_five_times_at_once_is_taken_once(rita, account_of, hall, product_of):
    pump, acme, number = product_of("Pump", 100, 5), account_of(rita), uuid.uuid4()
    answers = together(*[lambda: later(acme, rita, hall, wanted(pump, 1), client_id=number)] * 5)
    assert {answer.pk for answer in answers} == {OrderRequest.objects.get().pk}
    assert (OrderLine.objects.count(), available(pump, hall)) == (1, 4)
