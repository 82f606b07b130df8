"""What may be ordered without network, as a phone keeps it: products with today's price and what is left where."""

from pipeline.engine.pricing import Share
from pipeline.forms.orders import Agreed
from pipeline.models import OrderLine, Product, ProposalLine, ProposalVersion, Stock
from pipeline.price_lists import prices_on
from pipeline.services.order_prices import ordered_of
from pipeline.services.stock import amount
from salesorg.lib.money import decimals
from salesorg.people.models import organisation
from salesorg.people.roles import Action

KEPT = 120  # products: those ordered last, then by name; some 8 KB
AGREED = 20  # accepted proposals with something still to order, those accepted last
LOOKED_BACK = 400  # lines of orders among which the last ordered products are found


def goods_of(user):
    """{currency, warehouses: [[id, name]], products: [[id, name, code, unit, price, [left in each warehouse]]]}.

    None for who takes no orders. A quantity is null where the product is not kept.
    """
    if not user.may(Action.TAKE_ORDERS):
        return None
    currency, today = organisation().currency, organisation().today()
    last = (
        OrderLine.objects.visible_to(user).exclude(product=None).order_by("-pk").values_list("product", flat=True)[:LOOKED_BACK]
    )
    products = Product.objects.visible_to(user).on_sale()
    wanted = list(dict.fromkeys([*last, *products.order_by("name", "pk").values_list("pk", flat=True)[:KEPT]]))
    prices = prices_on(today, currency, wanted)
    found = products.in_bulk([pk for pk in wanted if pk in prices][:KEPT])
    stock = Stock.objects.visible_to(user).in_use().filter(product__in=found).order_by("warehouse__name", "warehouse")
    stock = list(stock.values_list("product", "warehouse", "warehouse__name", "available"))
    warehouses = list(dict.fromkeys((pk, name) for _product, pk, name, _count in stock))
    left = {(product, pk): amount(count) for product, pk, _name, count in stock}
    rows = [
        [each.pk, each.name, each.code, each.unit, amount(prices[each.pk]), [left.get((each.pk, pk)) for pk, _name in warehouses]]
        for each in found.values()
    ]
    return {"currency": currency, "warehouses": warehouses, "products": rows}


def agreed_of(user, accounts):
    """What customers among `accounts` (keys) have accepted and not ordered: as static/js/order.js takes it.

    [{id, account, name, currency, decimals, lines: [[line, product, text, unit, price, discount, left, facts]]}]
    """
    if not user.may(Action.TAKE_ORDERS):
        return []
    accepted = ProposalVersion.objects.visible_to(user).filter(state=ProposalVersion.State.ACCEPTED)
    latest = accepted.filter(deal__account__in=accounts).order_by("-decided_at")[:AGREED]
    lines = ProposalLine.objects.visible_to(user).filter(version__in=latest, quantity__gt=0)
    lines = list(lines.select_related("version__proposal", "version__deal").order_by("-version__decided_at", "position"))
    versions = {line.version_id: line.version for line in lines}
    ordered, by_version = ordered_of(*versions), {}
    for line in lines:
        before = ordered.get(line.pk, Share())
        part = Agreed(line, before, line.quantity - before.quantity)
        if part.left > 0:
            row = part.row()
            told = [row.agreed, row.product, row.text, line.unit, row.price, row.discount, row.open, part.facts]
            by_version.setdefault(line.version_id, []).append(told)
    return [
        {
            "id": each.pk, "account": each.deal.account_id, "name": str(each.proposal), "currency": each.currency,
            "decimals": decimals(each.currency), "lines": by_version[each.pk],
        }
        for each in versions.values() if each.pk in by_version
    ]  # fmt: skip
