"""Taking orders: each becomes a request, and what of it can be confirmed an order that is promised from the stock.

Of two who want the last piece at the same moment exactly one gets it: the balances are held, in one order for everybody,
before they are read. What was taken without network is confirmed against the stock when it arrives: wholly, in part, or by
somebody who decides.
"""

import uuid
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.models import Movement, Order, OrderLine, OrderRequest, Product, ProposalLine, RequestLine, Stock
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError
from salesorg.people.models import organisation

from .order_mail import tell
from .order_prices import above_limit, costs_of, hold_agreed, obstacles
from .stock import hold_open, kept_in_stock, missing_from, move, together

MOST_LINES = 60
State, Kind = OrderRequest.State, Movement.Kind


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line as it was typed; `price` is what the customer was told, and counts where no list has one.

    With `agreed` it comes to its part of that line of an accepted proposal, which may be about no product.
    """

    product: Product | None
    quantity: Decimal
    price: Decimal | None = None
    discount: Decimal = Decimal(0)
    agreed: ProposalLine | None = None

    @classmethod
    def of(cls, agreed, quantity):
        """So much of what was agreed in a line of a proposal."""
        return cls(agreed.product, quantity, agreed.list_price, agreed.discount, agreed)

    @property
    def text(self):
        return self.agreed.text if self.agreed else ""


@transaction.atomic
def take_order(
    *, account, lines, warehouse, actor, taken_for=None, deal=None, agreed=None, currency="", discount=Decimal(0),
    wanted_on=None, note="", if_missing=OrderRequest.IfMissing.WAIT, client_id=None, taken_at=None, at_once=True, replaces=None,
):  # fmt: skip
    """Take an order of `account` and confirm what can be. Returns the OrderRequest; sent again, the same one,
    and with other lines refused.

    `at_once`: the customer stands beside whoever types, so it is confirmed wholly or refused (DomainError) with how many are
    left. Otherwise it was taken without network, at `taken_at`: it is stored in any case, and what cannot be confirmed waits.
    `agreed` is the accepted version of a proposal from which the customer orders: its lines come to what was agreed, anything
    else to its list price. `replaces` is a placed order that is cancelled for this one, in the same moment.
    """
    _check_lines(lines, agreed)
    taken_at = taken_at or timezone.now()
    if agreed is not None:
        hold_agreed(agreed, account)
        deal, currency, discount = agreed.deal, agreed.currency, Decimal(0)
    facts = {
        "deal": deal, "agreed": agreed, "warehouse": warehouse, "currency": currency or organisation().currency,
        "discount": discount,
        "wanted_on": wanted_on, "note": note, "if_missing": if_missing, "taken_at": taken_at,
        "taken_on": organisation().today(taken_at), "taken_by": actor, "taken_for": taken_for or actor,
    }  # fmt: skip
    request, is_new = _stored(account, client_id or uuid.uuid4(), facts, actor)
    if not is_new:
        _check_same(request, lines)
        return request
    RequestLine.objects.bulk_create(
        RequestLine(request=request, position=number, product=each.product, agreed=each.agreed, text=each.text,
                    quantity=each.quantity, price=each.price, discount=each.discount) for number, each in enumerate(lines, 1)
    )  # fmt: skip
    if at_once:
        _confirm_wholly(request, lines, replaces, actor)
    else:
        _confirm_what_can_be(request, lines, actor)
        if request.is_waiting:
            tell(request, None, request.arrived_at)  # a phone may send it while nobody looks at the screen
    return request


def _stored(account, client_id, facts, actor):
    """The request with this client_id and whether it is new; of several sent at once one stores, and all answer alike."""
    try:
        with transaction.atomic():  # waits for whoever is storing the same one, then finds it
            return OrderRequest.objects.create(account=account, client_id=client_id, **facts), True
    except IntegrityError:
        there = OrderRequest.objects.filter(client_id=client_id).first()
        if there is None:
            raise
    if (there.account_id, there.taken_by_id) != (account.pk, actor.pk):
        raise _used()
    return there, False


def _check_same(request, lines):
    """Raise DomainError for other lines from the same form, as after the way back in a browser: they are not taken."""
    asked = [(each.product and each.product.pk, each.agreed and each.agreed.pk, each.quantity) for each in lines]
    if asked != list(request.lines.order_by("position").values_list("product", "agreed", "quantity")):
        raise _used()


def _used():
    return DomainError(_("This form has already been used for something else. Open it again."))


def _check_lines(lines, agreed):
    if not lines:
        raise DomainError(_("Add a line: what does the customer want?"), fields=["lines"])
    if len(lines) > MOST_LINES:
        raise DomainError(_("An order has at most %(most)d lines.") % {"most": MOST_LINES}, fields=["lines"])
    if any(each.agreed and (agreed is None or each.agreed.version_id != agreed.pk) for each in lines):
        raise DomainError(_("A line was agreed in another proposal. Open the order again."), fields=["lines"])


def _confirm_wholly(request, lines, replaces, actor):
    hold_open(request.warehouse)
    if replaces is not None:
        replaces = Order.objects.select_for_update().get(pk=replaces.pk)
        _hold(replaces, request, lines)
        _cancel(replaces, _("replaced by another order"), actor)
    if said := obstacles(request, lines):
        raise DomainError(" ".join(said), fields=["lines"])
    if short := _short(request.warehouse, lines):
        raise DomainError(_("Not enough is left. %(what)s.") % {"what": "; ".join(map(str, short))}, fields=["lines"])
    place(request, lines, request.warehouse, actor, replaces=replaces)
    write(request, {"state": State.CONFIRMED, "decided_by": actor, "decided_at": timezone.now()})


def _confirm_what_can_be(request, lines, actor):
    """Of what arrived from a phone: all of it, what is there, or nothing. What is not confirmed waits for somebody."""
    try:
        hold_open(request.warehouse)
    except DomainError:
        return
    if obstacles(request, lines):
        return
    short = {each.product.pk: max(each.left, Decimal(0)) for each in _short(request.warehouse, lines)}
    if not short:
        place(request, lines, request.warehouse, actor)
        write(request, {"state": State.CONFIRMED, "decided_by": actor, "decided_at": timezone.now()})
    elif request.if_missing == OrderRequest.IfMissing.PART and (there := _what_is_there(lines, short)):
        place(request, there, request.warehouse, actor)
        write(request, {"state": State.PARTLY})


def _what_is_there(lines, short):
    """The lines with no more of each product than is left; `short` is {product's key: what is left of it}."""
    left, found = dict(short), []
    for each in lines:
        key = each.product and each.product.pk
        quantity = min(each.quantity, left.get(key, each.quantity))
        if key in left:
            left[key] -= quantity
        if quantity:
            found.append(replace(each, quantity=quantity))
    return found


def _short(warehouse, lines):
    wanted = together((each.product, each.quantity) for each in lines if each.product)
    if warehouse is None and not kept_in_stock(wanted):
        return []
    return missing_from(warehouse, wanted)


def _hold(old, request, lines):
    """Hold the balances of an order that is given up and of the one in its place together: nobody waits in a circle."""
    former = Q(warehouse=old.warehouse_id, product__in=old.lines.values("product"))
    wanted = Q(warehouse=request.warehouse_id, product__in={each.product.pk for each in lines if each.product})
    list(Stock.objects.filter(former | wanted).hold())


def place(request, lines, warehouse, actor, *, replaces=None):
    """The order that comes of `lines` of a request, reserved in `warehouse`; the caller holds the balances. Returns it."""
    costs = costs_of(request, lines)
    came = [each.came for each in costs]
    order = Order.objects.create(
        request=request, replaces=replaces, account_id=request.account_id, deal_id=request.deal_id, agreed=request.agreed,
        warehouse=warehouse, taken_by_id=request.taken_by_id, taken_for_id=request.taken_for_id, taken_on=request.taken_on,
        wanted_on=request.wanted_on, currency=request.currency,
        discount=request.agreed.discount if request.agreed else request.discount,
        list_total=sum(each.list_total for each in came), line_discounts=sum(each.discount_amount for each in came),
        whole_discount=sum(each.whole_share for each in came), net=sum(each.net for each in came),
    )  # fmt: skip
    stocked = kept_in_stock([each.product for each in lines if each.product])
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order, position=number, product=each.product, agreed=each.agreed, text=each.text,
            unit=each.agreed.unit if each.agreed else "", quantity=each.quantity, list_price=cost.list_price,
            discount=cost.discount, list_total=cost.came.list_total, discount_amount=cost.came.discount_amount,
            whole_share=cost.came.whole_share, net=cost.came.net, is_reserved=bool(each.product and each.product.pk in stocked),
        )
        for number, (each, cost) in enumerate(zip(lines, costs, strict=True), 1)
    )  # fmt: skip
    reserved = together((each.product, each.quantity) for each in lines if each.product and each.product.pk in stocked)
    move(warehouse=warehouse, kind=Kind.RESERVED, quantities=reserved, reason=order.number, actor=actor)
    return order


# ── what waits, and what is given up ──


def left_to_order(request):
    """[(RequestLine, how much of it no placed order has)] of a request, those with nothing left out."""
    placed = OrderLine.objects.filter(order__request=request).exclude(order__state=Order.State.CANCELLED)
    ordered = together(((each.product_id, each.agreed_id), each.quantity) for each in placed)
    found = []
    for line in request.lines.select_related("product", "agreed__product").order_by("position"):
        key = (line.product_id, line.agreed_id)
        taken = min(line.quantity, ordered.get(key, Decimal(0)))
        ordered[key] = ordered.get(key, Decimal(0)) - taken
        if line.quantity > taken:
            found.append((line, line.quantity - taken))
    return found


def wanted_of(line, quantity):
    """So much of a line of a request."""
    return Wanted(line.product, quantity, line.price, line.discount, line.agreed)


@transaction.atomic
def confirm_request(*, request, quantities, warehouse, actor, now=None):
    """Place an order of what waits: `quantities` is {RequestLine's key: how much now}. Returns the Order.

    Whatever is not ordered by then goes on waiting. Whoever confirms a discount may give it themselves: nobody lets pass by a
    phone what they may not give. Raises DomainError with how many are left, and when it no longer waits.
    """
    request = _waiting(request)
    if request.agreed:
        hold_agreed(request.agreed, request.account)
    left = left_to_order(request)
    lines = []
    for line, most in left:
        quantity = min(quantities.get(line.pk, Decimal(0)), most)
        if quantity > 0:
            lines.append(wanted_of(line, quantity))
    if not lines:
        raise DomainError(_("Say how much of what is to be ordered now."), fields=["lines"])
    hold_open(warehouse)
    if said := above_limit(request, lines, actor):
        raise DomainError(said, fields=["lines"])
    if short := _short(warehouse, lines):
        raise DomainError(_("Not enough is left. %(what)s.") % {"what": "; ".join(map(str, short))}, fields=["lines"])
    order = place(request, lines, warehouse, actor)
    state = State.PARTLY if left_to_order(request) else State.CONFIRMED
    write(request, {"state": state, "decided_by": actor, "decided_at": now or timezone.now()})
    tell(request, actor, request.decided_at)
    return order


@transaction.atomic
def decline_request(*, request, reason, actor, now=None):
    """Nothing (more) will come of what waits, for a `reason` that whoever took it is told. Returns the request."""
    request = _waiting(request)
    if not reason.strip():
        raise DomainError(_("Say why: whoever took the order has to tell the customer."), fields=["reason"])
    state = State.CONFIRMED if request.state == State.PARTLY else State.DECLINED
    facts = {"state": state, "reason": reason.strip(), "decided_by": actor, "decided_at": now or timezone.now()}
    write(request, facts)
    tell(request, actor, request.decided_at)
    return request


def _waiting(request):
    request = OrderRequest.objects.select_for_update().get(pk=request.pk)
    if not request.is_waiting:
        words = {"name": request.decided_by, "state": request.get_state_display().lower()}
        raise DomainError(_("%(name)s has decided this meanwhile: %(state)s.") % words)
    return request


@transaction.atomic
def cancel_order(*, order, reason, actor, now=None):
    """Give an order up and set free what it had promised. Raises DomainError once something was delivered. Returns it."""
    order = Order.objects.select_for_update().get(pk=order.pk)
    if not reason.strip():
        raise DomainError(_("Say why it is cancelled."), fields=["reason"])
    list(Stock.objects.filter(warehouse=order.warehouse_id, product__in=order.lines.values("product")).hold())
    return _cancel(order, reason.strip(), actor, now)


def _cancel(order, reason, actor, now=None):
    """As cancel_order, of a locked order whose balances are held."""
    if order.is_cancelled:
        raise DomainError(_("%(order)s is cancelled already.") % {"order": order})
    if order.invoices.aggregate(sum=Sum("amount"))["sum"]:  # credit notes are negative
        raise DomainError(_("%(order)s is invoiced: record a credit note to its invoice first.") % {"order": order})
    if order.state != Order.State.OPEN:
        raise DomainError(_("Something of %(order)s was delivered: record what comes back instead.") % {"order": order})
    reserved = together((line.product, line.quantity) for line in order.lines.select_related("product") if line.is_reserved)
    move(warehouse=order.warehouse, kind=Kind.RELEASED, quantities=reserved, reason=order.number, actor=actor)
    facts = {"cancelled_at": now or timezone.now(), "cancelled_by": actor, "cancel_reason": reason}
    return write(order, facts | {"state": Order.State.CANCELLED})
