"""Orders of won deals: what was ordered, promised from three warehouses, invoiced and paid. Written by the database itself."""

from django.db import connection

from pipeline.models import Movement, Order, Warehouse

HALLS = ("Albany", "Denver", "Tulsa")
IN_STOCK = 100_000  # of each product in each warehouse
DELIVERED_AFTER, PAID_AFTER = 20, 45  # days after the order

WON = """
    SELECT d.id, d.account_id, d.owner_id, d.currency, d.product_id, d.amount, d.close_date,
        (SELECT amount FROM pipeline_price p WHERE p.product_id = d.product_id ORDER BY p.id LIMIT 1) AS price,
        (%(halls)s::bigint[])[1 + d.id %% 3] AS hall
    FROM pipeline_deal d JOIN pipeline_stage s ON s.id = d.stage_id
    WHERE s.status = 'won' AND d.account_id IS NOT NULL AND d.product_id IS NOT NULL AND d.amount > 0
"""
REQUESTS = f"""
INSERT INTO pipeline_orderrequest (client_id, account_id, deal_id, warehouse_id, currency, discount, note, if_missing,
    taken_by_id, taken_for_id, taken_at, taken_on, arrived_at, state, reason)
SELECT gen_random_uuid(), account_id, id, hall, currency, 0, '', 'wait', owner_id, owner_id, close_date + time '15:00',
    close_date, close_date + time '15:00', 'confirmed', '' FROM ({WON}) won WHERE price > 0 ORDER BY close_date, id
"""
ORDERS = """
INSERT INTO pipeline_order (request_id, account_id, deal_id, warehouse_id, taken_by_id, taken_for_id, taken_on, placed_at, state,
    currency, discount, list_total, line_discounts, whole_discount, net, cancel_reason, version)
SELECT r.id, r.account_id, r.deal_id, r.warehouse_id, r.taken_by_id, r.taken_for_id, r.taken_on, r.taken_at,
    CASE WHEN r.taken_on < %(delivered)s THEN 'delivered' ELSE 'open' END, r.currency, 0, d.amount, 0, 0, d.amount, '', 1
FROM pipeline_orderrequest r JOIN pipeline_deal d ON d.id = r.deal_id ORDER BY r.id
"""
LINES = """
INSERT INTO pipeline_{table} ({parent}, position, product_id, text, quantity, {price}, discount{more})
SELECT o.{key}, 1, d.product_id, '', greatest(1, round(d.amount / p.amount)), p.amount, 0{values}
FROM pipeline_order o JOIN pipeline_deal d ON d.id = o.deal_id
    JOIN LATERAL (SELECT amount FROM pipeline_price WHERE product_id = d.product_id ORDER BY id LIMIT 1) p ON true
"""
DELIVERED = """
INSERT INTO pipeline_delivery (order_id, kind, "on", note, made_by_id, at)
SELECT id, 'delivered', taken_on + 3, '', taken_by_id, placed_at FROM pipeline_order WHERE state = 'delivered' ORDER BY id
"""
DELIVERED_LINES = """
INSERT INTO pipeline_deliveryline (delivery_id, line_id, quantity)
SELECT e.id, l.id, l.quantity FROM pipeline_delivery e JOIN pipeline_orderline l ON l.order_id = e.order_id
"""
INVOICES = """
INSERT INTO pipeline_invoice (account_id, order_id, kind, number, amount, currency, open, issued_on, due_on, note, at)
SELECT account_id, id, 'invoice', 'R-' || id, net, currency, net, taken_on + 5, taken_on + 35, '', placed_at
FROM pipeline_order WHERE state = 'delivered' ORDER BY id
"""
PAYMENTS = """
INSERT INTO pipeline_payment (invoice_id, amount, paid_on, reference, at)
SELECT id, amount, due_on, '', at FROM pipeline_invoice WHERE due_on < %(paid)s AND id %% 25 <> 0
"""
PROMISED = """
INSERT INTO pipeline_movement (warehouse_id, product_id, kind, on_hand, reserved, reason, at)
SELECT o.warehouse_id, l.product_id, 'reserved', 0, sum(l.quantity), 'generated', now()
FROM pipeline_order o JOIN pipeline_orderline l ON l.order_id = o.id WHERE o.state = 'open' GROUP BY 1, 2
"""


def write_orders(products, today):
    """Orders of the won deals of `products` (keys), the older ones delivered, invoiced and paid. Returns how many."""
    halls = [Warehouse.objects.create(name=name) for name in HALLS]
    for hall in halls:
        Movement.objects.bulk_create(
            Movement(warehouse=hall, product_id=product, kind=Movement.Kind.RECEIVED, on_hand=IN_STOCK) for product in products
        )
    days = {"delivered": today.fromordinal(today.toordinal() - DELIVERED_AFTER)}
    days |= {"paid": today.fromordinal(today.toordinal() - PAID_AFTER), "halls": [hall.pk for hall in halls]}
    asked = LINES.format(table="requestline", parent="request_id", key="request_id", price="price", more="", values="")
    steps = ", list_total, discount_amount, whole_share, net, is_reserved, unit"
    came = ", d.amount, 0, 0, d.amount, true, 'piece'"
    placed = LINES.format(table="orderline", parent="order_id", key="id", price="list_price", more=steps, values=came)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('salesorg.history', 'off', true)")
        for statement in (REQUESTS, ORDERS, asked, placed, DELIVERED, DELIVERED_LINES, INVOICES, PAYMENTS, PROMISED):
            cursor.execute(statement, days)
        cursor.execute("SELECT set_config('salesorg.history', '', true)")
    return Order.objects.count()
