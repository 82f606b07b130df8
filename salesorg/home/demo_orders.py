"""The demo's orders: two warehouses, orders taken on the spot, and one from a cellar without network that waits."""

from datetime import timedelta
from decimal import Decimal

from accounts.models import Account
from pipeline.models import Movement, Product, Warehouse
from pipeline.price_lists import prices_on
from pipeline.services.invoices import record_delivery, record_invoice, record_payment
from pipeline.services.orders import Wanted, take_order
from pipeline.services.stock import change_stock, save_warehouse
from salesorg.lib.acting import acting
from salesorg.lib.money import rounded
from salesorg.people.models import organisation

HALLS = (("Boston", (40, 12, 3, 25)), ("Portland", (8, 30, 0, 60)))  # name, how many of each product
# Which account of the rep's, days ago, lines of (product, quantity, discount), days until it is wanted.
TAKEN = (
    (0, 45, ((0, 4, 0), (1, 2, 5)), 7), (1, 20, ((3, 10, 10),), 5), (0, 6, ((1, 3, 0), (3, 2, 0)), 3), (2, 1, ((0, 6, 0),), 6),
)  # fmt: skip


def fill_orders(people, now):
    """Stock by otto, orders by rita; `people` maps keys of the cast to users."""
    otto, rita = people["otto"], people["rita"]
    priced = prices_on(organisation().today(now), organisation().currency)
    goods = list(Product.objects.on_sale().filter(pk__in=priced).order_by("pk")[:4])
    accounts = list(Account.objects.covered_by(rita, rita.today).order_by("pk")[:4])
    if len(goods) < 4 or len(accounts) < 4:
        return
    with acting(otto, "demo"):
        for name, counts in HALLS:
            hall = save_warehouse(warehouse=Warehouse(), name=name, actor=otto)
            quantities = dict(zip(goods, map(Decimal, counts), strict=True))
            change_stock(warehouse=hall, kind=Movement.Kind.RECEIVED, quantities=quantities, reason="", actor=otto)
    boston, placed = Warehouse.objects.get(name="Boston"), []
    with acting(rita, "demo"):
        for at, days, lines, ahead in TAKEN:
            wanted = [Wanted(goods[n], Decimal(count), discount=Decimal(off)) for n, count, off in lines]
            day = rita.today - timedelta(days=days)
            facts = {"wanted_on": day + timedelta(days=ahead), "taken_at": now - timedelta(days=days)}
            placed.append(take_order(account=accounts[at], lines=wanted, warehouse=boston, actor=rita, **facts).orders.get())
        waits = [Wanted(goods[2], Decimal(5)), Wanted(goods[0], Decimal(2))]
        facts = {"taken_at": now - timedelta(hours=3), "at_once": False, "note": "Needs them before the hall opens on Monday."}
        take_order(account=accounts[3], lines=waits, warehouse=boston, actor=rita, **facts)
    with acting(people["fay"], "demo"):
        for order, days, paid in ((placed[0], 42, 2), (placed[1], 18, 1)):  # one overdue and half paid, one paid
            day = rita.today - timedelta(days=days)
            whole = {line.pk: line.quantity for line in order.lines.all()}
            record_delivery(order=order, kind="delivered", on=day, quantities=whole, actor=rita)
            facts = {"amount": order.net, "issued_on": day, "due_on": day + timedelta(days=30), "order": order}
            invoice = record_invoice(account=order.account, number=f"R-2026-{order.pk:04d}", actor=people["fay"], **facts)
            record_payment(invoice=invoice, amount=rounded(order.net / paid, order.currency), paid_on=day, actor=people["fay"])
