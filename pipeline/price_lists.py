"""Which price and which cost of a product count on a day.

Several lists of one currency may be valid on the same day, say the usual one and one of a campaign. The rule: **for each
product the list that began last counts; of two that began on the same day the one made last.** A product that this list
does not name has the price of the list before it, so a campaign's list names only what it changes. Within a list the price
with the latest day up to then counts. A proposal keeps the prices it was written with: none of this changes one that was
issued.
"""

from django.db.models import F, Q

from .models import Price, ProductCost


def prices_on(day, currency, products=None):
    """{product's key: list price of one unit} in `currency` on `day`, of all products or of those given (keys)."""
    found = Price.objects.filter(price_list__currency=currency, price_list__during__contains=day)
    found = found.filter(Q(since=None) | Q(since__lte=day))
    if products is not None:
        found = found.filter(product__in=products)
    latest = F("since").desc(nulls_last=True)
    began = F("price_list__during__startswith").desc(nulls_last=True)
    rows = found.order_by("product_id", began, "-price_list_id", latest).distinct("product_id")
    return dict(rows.values_list("product_id", "amount"))


def costs_on(day, currency, products=None):
    """{product's key: what one unit costs us} in `currency` on `day`; who may be shown it is for the caller to ask."""
    found = ProductCost.objects.filter(currency=currency, since__lte=day)
    if products is not None:
        found = found.filter(product__in=products)
    return dict(found.order_by("product_id", "-since").distinct("product_id").values_list("product_id", "amount"))
