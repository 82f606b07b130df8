"""Recording what became of orders: deliveries and returns, invoices, credit notes and payments."""

from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from pipeline.engine.pricing import LARGEST
from pipeline.models import Delivery, DeliveryLine, Invoice, Movement, Order, OrderLine, Payment, Stock
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError
from salesorg.lib.money import decimals, rounded
from salesorg.people.models import organisation

from .stock import amount as plain
from .stock import move, together

DELIVERED, RETURNED = Delivery.Kind.DELIVERED, Delivery.Kind.RETURNED


def progress_of(order):
    """{OrderLine's key: (how much was delivered, how much of that came back)}."""
    rows = DeliveryLine.objects.filter(delivery__order=order).values_list("line", "delivery__kind").annotate(sum=Sum("quantity"))
    found = {}
    for line, kind, quantity in rows.order_by():
        delivered, returned = found.get(line, (Decimal(0), Decimal(0)))
        found[line] = (quantity, returned) if kind == DELIVERED else (delivered, quantity)
    return found


@transaction.atomic
def record_delivery(*, order, kind, on, quantities, actor, note="", client_id=None):
    """So much ({OrderLine's key: quantity}) of the order was delivered or came back on a day. Returns the order.

    What is delivered leaves the stock it was promised from, what comes back lies there again. Raises DomainError for more
    than is still to be delivered, or than was. `client_id` is made with the form: sent again, it is recorded once.
    """
    order = Order.objects.select_for_update().get(pk=order.pk)
    if stored := _is_stored(Delivery, client_id, order=order, kind=kind, on=on, note=note):
        if dict(stored.lines.values_list("line", "quantity")) != {line: number for line, number in quantities.items() if number}:
            raise _used()
        return order
    if order.is_cancelled:
        raise DomainError(_("%(order)s is cancelled.") % {"order": order})
    if on > organisation().today():
        raise DomainError(_("That day has not come yet."), fields=["on"])
    lines = list(OrderLine.objects.filter(order=order).select_related("product"))
    done = progress_of(order)
    moved = [(line, quantities[line.pk]) for line in lines if quantities.get(line.pk)]
    if not moved:
        raise DomainError(_("Say how much of what it was."))
    for line, quantity in moved:
        delivered, returned = done.get(line.pk, (Decimal(0), Decimal(0)))
        most = line.quantity - delivered if kind == DELIVERED else delivered - returned
        if not 0 < quantity <= most:
            words = {"product": line, "most": plain(most)}
            raise DomainError(_("%(product)s: at most %(most)s.") % words, fields=[f"line_{line.pk}"])
    stocked = together((line.product, quantity) for line, quantity in moved if line.is_reserved)
    list(Stock.objects.filter(warehouse=order.warehouse_id, product__in=stocked).hold())
    _check_on_hand(order, kind, stocked)
    moving = {DELIVERED: Movement.Kind.DELIVERED, RETURNED: Movement.Kind.RETURNED}[kind]
    move(warehouse=order.warehouse, kind=moving, quantities=stocked, reason=order.number, actor=actor)
    delivery = Delivery.objects.create(order=order, kind=kind, on=on, note=note, client_id=client_id, made_by=actor)
    DeliveryLine.objects.bulk_create(DeliveryLine(delivery=delivery, line=line, quantity=quantity) for line, quantity in moved)
    return write(order, {"state": _state_of(lines, progress_of(order))})


def _check_on_hand(order, kind, stocked):
    if kind != DELIVERED:
        return
    on_hand = dict(Stock.objects.filter(warehouse=order.warehouse_id, product__in=stocked).values_list("product", "on_hand"))
    for product, quantity in stocked.items():
        if on_hand.get(product.pk, Decimal(0)) < quantity:
            words = {"product": product, "left": plain(on_hand.get(product.pk, Decimal(0))), "warehouse": order.warehouse}
            raise DomainError(_("Only %(left)s of %(product)s are in %(warehouse)s: have it counted first.") % words)


def _state_of(lines, done):
    """What the order has come to: everything back, everything out, something, nothing."""
    delivered = {line.pk: done.get(line.pk, (Decimal(0), Decimal(0))) for line in lines}
    if all(out == back for out, back in delivered.values()) and any(out for out, _back in delivered.values()):
        whole = all(delivered[line.pk][0] == line.quantity for line in lines)
        return Order.State.RETURNED if whole else Order.State.PARTLY
    if all(delivered[line.pk][0] == line.quantity for line in lines):
        return Order.State.DELIVERED
    return Order.State.PARTLY if any(out for out, _back in delivered.values()) else Order.State.OPEN


@transaction.atomic
def record_invoice(*, account, number, amount, issued_on, actor, due_on=None, order=None, currency="", note=""):
    """An invoice that was issued to `account`, for `order` or for something else. Returns it.

    Of a cancelled order nothing is invoiced, and an invoiced one is not cancelled (services.orders): both hold the order.
    """
    _check_number(number)
    if order is not None:
        order = Order.objects.select_for_update().get(pk=order.pk)
        if order.account_id != account.pk:
            raise DomainError(_("This order is of another account."), fields=["order"])
        if order.is_cancelled:
            raise DomainError(_("%(order)s is cancelled.") % {"order": order})
    if due_on is not None and due_on < issued_on:
        raise DomainError(_("It is due before it was issued."), fields=["due_on"])
    currency = order.currency if order is not None else currency or organisation().currency
    amount = _exact(amount, currency)
    facts = {"account": account, "order": order, "number": number, "currency": currency, "note": note, "made_by": actor}
    return _issued(amount=amount, open=amount, issued_on=issued_on, due_on=due_on, **facts)


@transaction.atomic
def record_credit(*, invoice, number, amount, issued_on, actor, note=""):
    """A credit note to `invoice`. Raises DomainError when more would be credited than it was about. Returns it."""
    _check_number(number)
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if invoice.is_credit:
        raise DomainError(_("A credit note credits an invoice."))
    amount = _exact(amount, invoice.currency)
    credited = invoice.credit_notes.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    if amount - credited > invoice.amount:
        raise DomainError(_("More would be credited than the invoice was about."), fields=["amount"])
    return _issued(
        kind=Invoice.Kind.CREDIT, account_id=invoice.account_id, order_id=invoice.order_id, credits=invoice, number=number,
        amount=-amount, open=0, currency=invoice.currency, issued_on=issued_on, note=note, made_by=actor,
    )  # fmt: skip


@transaction.atomic
def record_payment(*, invoice, amount, paid_on, actor, reference="", client_id=None):
    """Money that came for `invoice`; a negative amount went back, or puts a wrong row right. Returns the payment.

    `client_id` is made with the form: sent again, it is recorded once. Raises DomainError when more would go back than came.
    """
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if stored := _is_stored(Payment, client_id, invoice=invoice, amount=amount, paid_on=paid_on, reference=reference):
        return stored
    if invoice.is_credit:
        raise DomainError(_("A payment is for an invoice."))
    if not amount:
        raise DomainError(_("Give an amount."), fields=["amount"])
    if paid_on > organisation().today():
        raise DomainError(_("That day has not come yet."), fields=["paid_on"])
    amount = _exact(amount, invoice.currency)
    paid = amount + (invoice.payments.aggregate(sum=Sum("amount"))["sum"] or 0)
    if paid < 0:
        raise DomainError(_("More would go back than came: %(paid)s.") % {"paid": plain(paid - amount)}, fields=["amount"])
    if paid > LARGEST:
        raise DomainError(_("This comes to more than can be written down."), fields=["amount"])
    facts = {"invoice": invoice, "reference": reference, "client_id": client_id, "made_by": actor}
    return Payment.objects.create(amount=amount, paid_on=paid_on, **facts)


def _is_stored(model, client_id, **of):
    """The row that was stored with this number; the caller holds what it is `of`. DomainError when it says something else."""
    stored = client_id and model.objects.filter(client_id=client_id).first()
    if stored and not model.objects.filter(pk=stored.pk, **of).exists():
        raise _used()
    return stored


def _used():
    """The refusal of other facts from a form that was stored already, as after the way back in a browser."""
    return DomainError(_("This form has already been used for something else. Open it again."))


def _exact(amount, currency):
    """An amount that money of `currency` can make up: no tenths of a cent."""
    if amount != rounded(amount, currency):
        words = {"currency": currency, "digits": decimals(currency)}
        raise DomainError(_("%(currency)s has %(digits)d digits behind the point.") % words, fields=["amount"])
    return amount


def _issued(**facts):
    """The invoice or credit note; of two of the same number at the same moment one is recorded."""
    try:
        with transaction.atomic():
            return Invoice.objects.create(**facts)
    except IntegrityError:
        _check_number(facts["number"])
        raise


def _check_number(number):
    if Invoice.objects.filter(number=number).exists():
        raise DomainError(_("%(number)s is recorded already.") % {"number": number}, fields=["number"])
