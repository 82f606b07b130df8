"""What an order comes to: what the customer accepted at the agreed price, anything else at the list price of its day.

Of an accepted proposal a part may be ordered now and the rest later. What is still open of it is what was agreed less what
its orders have that were not cancelled; nobody orders more than that at the agreed price.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from pipeline.engine.pricing import LARGEST, Line, PricedLine, Share, discount_of, part_of, priced
from pipeline.models import Order, OrderLine, ProposalLine, ProposalVersion
from pipeline.price_lists import prices_on
from salesorg.lib.errors import DomainError

from .approvals import limit_of
from .stock import amount, together


@dataclass(frozen=True, slots=True)
class Costed:
    """What one line of an order comes to: the list price of one unit, its own discount in percent, every step of its sum."""

    list_price: Decimal
    discount: Decimal
    came: PricedLine


def hold_agreed(version, account):
    """Of several who order from one accepted version at the same moment the second sees what the first has ordered.

    Raises DomainError for a version that was not accepted, and for another account.
    """
    held = ProposalVersion.objects.select_for_update(no_key=True).select_related(None).get(pk=version.pk)
    if held.state != ProposalVersion.State.ACCEPTED:
        raise DomainError(_("Nothing is agreed yet: the customer has not accepted this proposal."))
    if version.deal.account_id not in (None, account.pk):
        raise DomainError(_("This proposal is of another account."))
    return held


def ordered_of(*versions, besides=None):
    """{ProposalLine's key: the Share of it that was ordered and not cancelled}, an order `besides` left out."""
    lines = OrderLine.objects.filter(agreed__version__in=versions).exclude(order__state=Order.State.CANCELLED)
    lines = lines.exclude(order=besides) if besides else lines
    reduced = Sum(F("list_total") - F("discount_amount"))
    sums = {"ordered": Sum("quantity"), "listed": Sum("list_total"), "reduced": reduced, "came": Sum("net")}
    rows = lines.order_by().values("agreed").annotate(**sums).values_list("agreed", *sums)
    return {line: Share(*sums) for line, *sums in rows}


def open_of(version, besides=None):
    """[(ProposalLine, the Share of it that is ordered, how much of it is not)] of an accepted version, in its order.

    Lines with nothing left are among them; an order `besides` does not count.
    """
    ordered = ordered_of(version, besides=besides)
    lines = ProposalLine.objects.filter(version=version, quantity__gt=0).select_related("product").order_by("position")
    found = [(line, ordered.get(line.pk, Share())) for line in lines]
    return [(line, before, line.quantity - before.quantity) for line, before in found]


def over(version, lines):
    """Sentences about what of `lines` is more than is still open of the version that it was agreed in."""
    if version is None:
        return []
    left, said = {line.pk: (line, most) for line, _before, most in open_of(version)}, []
    for agreed, quantity in together((each.agreed, each.quantity) for each in lines if each.agreed).items():
        line, most = left.get(agreed.pk, (agreed, Decimal(0)))
        if quantity > most:
            words = {"what": line.text, "left": amount(most), "agreed": amount(line.quantity)}
            said.append(_("%(what)s: %(left)s of %(agreed)s are still open of what was agreed.") % words)
    return said


def costs_of(request, lines):
    """What each of `lines` of a request comes to, as Costed; the caller holds what was agreed.

    Raises DomainError for more than is open of what was agreed, for a line without a price, and for enormous sums.
    """
    if said := over(request.agreed, lines):
        raise DomainError(" ".join(said), fields=["lines"])
    extra = _at_list_prices(request, [each for each in lines if not each.agreed])
    ordered = ordered_of(request.agreed) if request.agreed else {}
    found = []
    for each in lines:
        if not each.agreed:
            found.append(next(extra))
            continue
        line, before = each.agreed, ordered.get(each.agreed.pk, Share())
        agreed = Share(line.quantity, line.list_total, line.list_total - line.discount_amount, line.net)
        came = part_of(agreed, before, each.quantity, request.currency)
        after_own = came.list_total - came.discount_amount
        ordered[line.pk] = Share(
            before.quantity + each.quantity,
            before.list_total + came.list_total,
            before.reduced + after_own,
            before.net + came.net,
        )
        found.append(Costed(line.list_price, line.discount, came))
    if sum(each.came.list_total for each in found) > LARGEST:
        raise DomainError(_("This comes to more than can be written down."), fields=["lines"])
    return found


def _at_list_prices(request, lines):
    asked = _asked(request, lines)
    if unpriced := [str(each.product) for each, line in zip(lines, asked, strict=True) if line.price is None]:
        raise DomainError(_("%(product)s has no price on any list: give one.") % {"product": unpriced[0]}, fields=["lines"])
    try:
        came = priced(asked, request.currency, request.discount).lines
    except ValueError as error:
        raise DomainError(_("This cannot be priced: check quantities, prices and discounts."), fields=["lines"]) from error
    return iter([Costed(line.price, line.discount, each) for line, each in zip(asked, came, strict=True)])


def _asked(request, lines):
    prices = prices_on(request.taken_on, request.currency, [each.product.pk for each in lines])
    return [Line(each.quantity, prices.get(each.product.pk, each.price), each.discount) for each in lines]


def obstacles(request, lines):
    """Sentences that say why nobody may confirm it unasked, the stock apart; [] when nothing stands in the way.

    What was agreed was approved with the proposal. Of anything else the discount is measured against what whoever took the
    order may give in a proposal unasked (services.approvals).
    """
    extra = [each for each in lines if not each.agreed]
    prices = prices_on(request.taken_on, request.currency, [each.product.pk for each in extra])
    said = over(request.agreed, lines)
    for each in extra:
        price = prices.get(each.product.pk)
        words = {"product": each.product, "told": each.price and amount(each.price), "list": price and amount(price)}
        if price is None and each.price is None:
            said.append(_("%(product)s has no price on any list: give one.") % words)
        elif price is not None and each.price is not None and price != each.price:
            said.append(_("%(product)s: the customer was told %(told)s, the list says %(list)s.") % words)
        if each.product.archived_at:
            said.append(_("%(product)s is no longer sold.") % words)
    if above := above_limit(request, extra, request.taken_by):
        said.append(above)
    if request.warehouse_id and request.warehouse.archived_at:
        said.append(_("%(warehouse)s is closed.") % {"warehouse": request.warehouse})
    return said


def above_limit(request, lines, person):
    """A sentence when `lines` give more away than `person` may, what was agreed apart; "" else."""
    given = _discount(request, [each for each in lines if not each.agreed])
    if not given or given <= (most := limit_of(person, request.taken_on)):
        return ""
    words = {"given": amount(given), "most": amount(most), "name": person}
    return _("%(given)s%% is given away; %(name)s may give %(most)s%%. Write a proposal and have it approved.") % words


def _discount(request, lines):
    """How much of the list total the lines give away, in percent; nothing where it cannot be priced."""
    try:
        sums = priced([line for line in _asked(request, lines) if line.price is not None], request.currency, request.discount)
    except ValueError:
        return Decimal(0)
    return discount_of(sums.list_total, sums.net)
