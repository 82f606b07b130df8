"""Ordering what a customer has accepted: at the agreed prices, in parts, and never twice."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine.pricing import Line, Share, part_of, priced
from pipeline.models import Order, OrderLine, Price, PriceList, Product, ProposalVersion
from pipeline.services.invoices import record_delivery, record_invoice
from pipeline.services.order_prices import open_of
from pipeline.services.orders import Wanted, cancel_order, confirm_request, left_to_order, take_order
from pipeline.services.proposals import Wanted as Offered
from pipeline.services.proposals import create_proposal
from pipeline.services.sending import accept_proposal, send_proposal
from salesorg.lib.errors import DomainError
from salesorg.people.roles import Role

D = Decimal


@pytest.fixture
def pump(db):
    product = Product.objects.create(name="Pump", unit="piece")
    usual = PriceList.objects.create(name="Usual", currency="USD", during=DateRange(date(2020, 1, 1), None))
    Price.objects.create(price_list=usual, product=product, amount=100)
    return product


@pytest.fixture
def accepted(pump, deal_of):
    """Three pumps at 10 % off and a fitting in words at 50, 5 % off the whole, accepted; then the list price went up."""

    def make(seller):
        deal = deal_of(seller)
        lines = [Offered(pump, "Pump, painted red", D(3), discount=D(10)), Offered(None, "Fitting", D(1), D(50), unit="day")]
        facts = {"currency": "USD", "valid_until": seller.today, "discount": D(5), "name": "Pumps"}
        version = create_proposal(deal=deal, lines=lines, actor=seller, **facts)
        version = send_proposal(proposal=version.proposal, actor=seller)
        accept_proposal(version=version, name="Kim", consent="Yes")
        Price.objects.update(amount=130)
        return ProposalVersion.objects.select_related("deal__account", "proposal").get(pk=version.pk)

    return make


def taken(version, lines, actor, **more):
    return take_order(account=version.deal.account, lines=lines, warehouse=None, agreed=version, actor=actor, **more)


def left_of(version):
    return [left for _line, _before, left in open_of(version)]


def test_an_order_of_what_was_accepted_comes_to_what_was_accepted_whatever_the_list_says_today(rita, accepted):
    version = accepted(rita)
    pumps, fitting = version.lines.order_by("position")
    order = taken(version, [Wanted.of(pumps, D(3)), Wanted.of(fitting, D(1))], rita).orders.get()
    assert order.net == version.net == D("304.00") and (order.deal, order.agreed) == (version.deal, version)
    assert (order.list_total, order.line_discounts, order.whole_discount) == (350, 30, 16)
    assert [(str(line), line.product_id, line.measured_in) for line in order.lines.all()] == [
        ("Pump, painted red", pumps.product_id, "piece"),
        ("Fitting", None, "day"),
    ]


def test_a_part_now_and_the_rest_later_come_to_what_was_agreed_to_the_cent_and_no_more_is_open(rita, accepted):
    version = accepted(rita)
    pumps, fitting = version.lines.order_by("position")
    first = taken(version, [Wanted.of(pumps, D(1))], rita).orders.get()
    assert left_of(version) == [2, 1]
    with pytest.raises(DomainError, match="Pump, painted red: 2 of 3 are still open of what was agreed"):
        taken(version, [Wanted.of(pumps, D(3))], rita)
    second = taken(version, [Wanted.of(pumps, D(2)), Wanted.of(fitting, D(1))], rita).orders.get()
    assert first.net + second.net == version.net and left_of(version) == [0, 0]
    cancel_order(order=first, reason="Another colour", actor=rita)
    assert left_of(version) == [1, 0]


@settings(deadline=None, max_examples=60)
@given(
    price=st.decimals(0, 10**6, places=2), quantity=st.integers(1, 60), own=st.decimals(0, 100, places=2),
    whole=st.decimals(0, 100, places=2), parts=st.lists(st.integers(1, 20), min_size=1, max_size=6),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
)  # fmt: skip
def test_however_it_is_cut_the_parts_add_up_to_the_agreed_net_and_none_is_below_nothing(
    price, quantity, own, whole, parts, currency
):
    line = priced([Line(D(quantity), price, own)], currency, whole).lines[0]
    agreed = Share(D(quantity), line.list_total, line.list_total - line.discount_amount, line.net)
    before, left = Share(), quantity
    for part in [*parts, quantity]:
        if part := min(part, left):
            came = part_of(agreed, before, D(part), currency)
            assert min(came.net, came.discount_amount, came.whole_share) >= 0
            assert came.net == came.list_total - came.discount_amount - came.whole_share
            reduced = before.reduced + came.list_total - came.discount_amount
            before = Share(before.quantity + part, before.list_total + came.list_total, reduced, before.net + came.net)
            left -= part
    assert before.net == line.net


def test_what_is_beyond_the_agreed_is_a_line_at_the_list_price(rita, accepted, pump):
    version = accepted(rita)
    pumps = version.lines.get(product=pump)
    order = taken(version, [Wanted.of(pumps, D(3)), Wanted(pump, D(1))], rita).orders.get()
    assert list(order.lines.values_list("net", "agreed")) == [(D("256.50"), pumps.pk), (130, None)]


def test_nothing_is_ordered_at_a_price_that_was_not_accepted_or_was_for_another(rita, tom, accepted, account_of, pump):
    version = accepted(rita)
    pumps = version.lines.get(product=pump)
    with pytest.raises(DomainError, match="agreed in another proposal"):
        take_order(account=version.deal.account, lines=[Wanted.of(pumps, D(1))], warehouse=None, actor=rita)
    with pytest.raises(DomainError, match="of another account"):
        take_order(account=account_of(rita), agreed=version, lines=[Wanted.of(pumps, D(1))], warehouse=None, actor=rita)
    facts = {"currency": "USD", "valid_until": rita.today, "name": "More"}
    draft = create_proposal(deal=version.deal, lines=[Offered(pump, "", D(1))], actor=rita, **facts)
    with pytest.raises(DomainError, match="has not accepted"):
        taken(draft, [Wanted.of(draft.lines.get(), D(1))], rita)


def test_what_was_agreed_in_words_is_delivered_and_invoiced_like_anything_else(rita, fay, accepted):
    version = accepted(rita)
    order = taken(version, [Wanted.of(version.lines.get(product=None), D(1))], rita).orders.get()
    record_delivery(order=order, kind="delivered", on=rita.today, quantities={order.lines.get().pk: D(1)}, actor=rita)
    order.refresh_from_db()
    invoice = record_invoice(
        account=order.account, order=order, number="1", amount=order.net, issued_on=rita.today, actor=fay
    )  # fmt: skip
    assert (order.state, invoice.open) == ("delivered", D("47.50"))


def test_from_a_phone_it_keeps_the_agreed_prices_and_what_is_no_longer_open_waits(rita, sam, accepted):
    version = accepted(rita)
    pumps = version.lines.exclude(product=None).get()
    first = taken(version, [Wanted.of(pumps, D(2))], rita, at_once=False)
    second = taken(version, [Wanted.of(pumps, D(2))], rita, at_once=False)
    assert (first.orders.get().net, first.state, second.state) == (171, "confirmed", "waiting")
    with pytest.raises(DomainError, match="1 of 3 are still open"):
        confirm_request(request=second, quantities={second.lines.get().pk: D(2)}, warehouse=None, actor=sam)
    order = confirm_request(request=second, quantities={second.lines.get().pk: D(1)}, warehouse=None, actor=sam)
    assert order.net == D("85.50") and left_to_order(second) == [(second.lines.get(), 1)]


# ── on its pages ──


def sent(version, page, **more):
    """The form of `page` as a browser sends it back untouched."""
    rows = page.context["form"].rows
    names = ("product", "quantity", "price", "agreed", "open")
    return (
        {name: [getattr(row, name) for row in rows] for name in names} | {"discount_line": [row.discount for row in rows]} | more
    )


def test_the_page_orders_at_agreed_prices_says_so_and_the_second_tab_orders_nothing_twice(rita, accepted, as_user):
    version, client = accepted(rita), as_user(rita)
    address = f"/orders/new/?proposal={version.pk}"
    one, other = client.get(address), client.get(address)
    assert "Agreed: 3. Still open: 3." in one.content.decode()
    assert client.post(address, sent(version, one)).status_code == 302
    refused = client.post(address, sent(version, other))
    assert refused.status_code == 422 and "Something of it was ordered meanwhile. Still open: 0." in refused.content.decode()
    order = Order.objects.get()
    shown = client.get(order.get_absolute_url()).content.decode()
    assert order.net == 304 and f"proposal P-{version.proposal_id}, version 1" in shown
    assert "Order the rest" not in client.get(version.get_absolute_url()).content.decode()
    assert "Everything that was agreed is ordered" in client.get(address).content.decode()


def test_a_second_click_leads_to_the_order_and_other_lines_from_the_same_form_are_refused_with_what_was_typed(
    rita, accepted, as_user
):
    version, client = accepted(rita), as_user(rita)
    address = f"/orders/new/?proposal={version.pk}"
    page, number = client.get(address), str(uuid.uuid4())
    first, again = (client.post(address, sent(version, page, client_id=number, quantity=["2", "0"])) for _click in range(2))
    assert first.status_code == 302 and again.headers["Location"] == first.headers["Location"]
    other = client.post(address, sent(version, page, client_id=number, quantity=["1", "1"]))
    assert other.status_code == 422 and "already been used for something else" in other.content.decode()
    assert [row.quantity for row in other.context["form"].rows] == ["1", "1"]
    assert list(OrderLine.objects.values_list("quantity", flat=True)) == [2]


def test_more_than_agreed_becomes_a_line_of_its_own_and_the_rest_of_a_changed_order_stays_open(rita, accepted, as_user):
    version, client = accepted(rita), as_user(rita)
    address = f"/orders/new/?proposal={version.pk}"
    page = client.get(address)
    assert client.post(address, sent(version, page, quantity=["5", "0"])).status_code == 302
    order = Order.objects.get()
    assert list(order.lines.values_list("quantity", "net")) == [(3, D("256.50")), (2, 260)]
    assert "beyond what was agreed, at the list price" in client.get(order.get_absolute_url()).content.decode()
    assert "Order the rest" in client.get(version.get_absolute_url()).content.decode()
    change = f"/orders/new/?replaces={order.pk}"
    page = client.get(change)
    assert [(row.text, row.quantity, row.open) for row in page.context["form"].rows] == [
        ("Pump, painted red", "3", "3"), ("Pump", "2", ""), ("Fitting", "0", "1"),
    ]  # fmt: skip
    assert client.post(change, sent(version, page, quantity=["1", "", "1"], product=["", "", ""])).status_code == 302
    assert Order.objects.placed().get().net == D("133.00") and left_of(version) == [2, 0]


@pytest.mark.django_db(transaction=True)
def test_of_five_who_order_the_same_accepted_proposal_at_once_one_gets_it(rita, accepted):
    version = accepted(rita)
    pumps = version.lines.exclude(product=None).get()
    barrier = Barrier(5)

    def work(_n):
        try:
            barrier.wait(timeout=10)
            return taken(version, [Wanted.of(pumps, D(3))], rita)
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(work, range(5)))
    assert sum(isinstance(answer, DomainError) for answer in answers) == 4, answers
    assert OrderLine.objects.get().net == D("256.50")


# ── without network ──


def parcel(who, version, *, lines=None, proposal=None, account=None):
    """An order from an accepted proposal as a phone sends it later."""
    pumps = version.lines.exclude(product=None).get()
    row = {"product": [str(pumps.product_id)], "quantity": ["2"], "price": ["100"], "discount_line": ["10"]}
    fields = row | {"agreed": [str(pumps.pk)], "open": ["3"], "proposal": str(proposal or version.pk), "currency": "USD"}
    item = {"kind": "taken", "account": str(account or version.deal.account_id), "fields": fields | (lines or {})}
    sent = {"client_id": "6c1f0f0e-6a1a-4a3c-9d54-6c1c3a1a0001", "logged_at": "2026-11-20T10:00:00Z"}
    return {"person": who.pk, "items": [item | sent]}


def send(client, sent):
    return client.post("/accounts/sent-later/", sent, content_type="application/json").json()["answers"][0]


def test_from_a_phone_it_names_its_proposal_and_is_placed_for_whoever_covers_the_account(rita, person, accepted, as_user):
    version, helper = accepted(rita), person("ann", "north", Role.INSIDE)
    first, again = (send(as_user(helper), parcel(helper, version)) for _each in range(2))
    assert first["state"] == again["state"] == "stored", first
    order = Order.objects.get()
    assert (order.net, order.agreed, order.deal) == (171, version, version.deal)
    assert (order.taken_by, order.taken_for) == (helper, rita)


def test_nobody_orders_from_a_phone_at_prices_agreed_with_a_customer_they_do_not_see(rita, tom, accepted, account_of, as_user):
    version, other = accepted(rita), account_of(tom)
    refused = send(as_user(tom), parcel(tom, version, account=other.pk))
    assert refused["state"] == "refused" and "no longer yours to see" in refused["said"]
    refused = send(as_user(tom), parcel(tom, version, account=other.pk, lines={"proposal": ""}))
    assert refused["state"] == "refused" and "agreed in another proposal" in refused["said"]
    assert not Order.objects.exists()


def test_the_phone_keeps_what_was_accepted_and_is_still_open(rita, tom, accepted, as_user):
    version = accepted(rita)
    pumps = version.lines.exclude(product=None).get()
    taken(version, [Wanted.of(pumps, D(3))], rita)
    kept = as_user(rita).get("/offline/bundle/").json()["agreed"]
    assert [(each["id"], [line[2] for line in each["lines"]]) for each in kept] == [(version.pk, ["Fitting"])]
    assert as_user(tom).get("/offline/bundle/").json()["agreed"] == []
