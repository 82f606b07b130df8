"""Keeping products, their costs, price lists and the prices on them. What proposals were written with never changes."""

from datetime import timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.models import Price, PriceList, Product, ProductCost
from salesorg.lib.errors import DomainError
from salesorg.people.models import organisation

MOST_PASTED = 5_000  # prices in one go


@transaction.atomic
def save_product(*, product, actor, **facts):
    """Write `facts` to the product; one without a key is new."""
    taken = Product.objects.exclude(pk=product.pk)
    if taken.filter(name=facts.get("name", "")).exists():
        raise DomainError(_("There is a product called “%(name)s” already.") % facts, fields=["name"])
    if facts.get("code") and taken.filter(code=facts["code"]).exists():
        raise DomainError(_("Another product has the code “%(code)s”.") % facts, fields=["code"])
    for name, value in facts.items():
        setattr(product, name, value)
    product.save(update_fields=list(facts) if product.pk else None)
    return product


@transaction.atomic
def archive_product(*, product, archived, actor, now=None):
    """Stop offering a product for new proposals, or offer it again; proposals that name it stay as they are."""
    product = Product.objects.select_for_update().get(pk=product.pk)
    if archived != (product.archived_at is not None):
        product.archived_at = (now or timezone.now()) if archived else None
        product.save(update_fields=["archived_at"])
    return product


@transaction.atomic
def set_cost(*, product, currency, since, amount, actor):
    """From `since` on one unit of the product costs us `amount`."""
    cost, _made = ProductCost.objects.update_or_create(
        product=product, currency=currency, since=since, defaults={"amount": amount}
    )
    return cost


@transaction.atomic
def save_price_list(*, price_list, name, currency, first_day, last_day, actor):
    """Write the facts of a price list. Its currency stays once it holds prices: they would be others."""
    if PriceList.objects.exclude(pk=price_list.pk).filter(name=name).exists():
        raise DomainError(_("There is a price list called “%(name)s” already.") % {"name": name}, fields=["name"])
    if price_list.pk and price_list.prices.exists():
        held = PriceList.objects.select_for_update().get(pk=price_list.pk)
        if held.currency != currency:
            raise DomainError(
                _("The prices of this list are in %(currency)s. Begin a new list for another currency.")
                % {"currency": held.currency},
                fields=["currency"],
            )
    if last_day and last_day < first_day:
        raise DomainError(_("The last day lies before the first day."), fields=["last_day"])
    price_list.name, price_list.currency = name, currency
    price_list.during = DateRange(first_day, last_day and last_day + timedelta(days=1))
    price_list.save()
    return price_list


@transaction.atomic
def set_prices(*, price_list, prices, since, actor, today=None):
    """From `since` on (None: from the first day of the list) `prices` ({Product: amount}) count on the list.

    A price that counted before stays for its days. Raises DomainError for a day outside the list, and for one in the past
    of a list that is in force: what was quoted then would be explained by other prices. Returns how many are new or other.
    """
    held = PriceList.objects.select_for_update().get(pk=price_list.pk)
    today = today or organisation().today()
    if since is not None and not _lies_in(since, held.during):
        raise DomainError(_("The list is not valid on that day."), fields=["since"])
    begun = held.during.lower is None or held.during.lower < today
    there = dict(Price.objects.filter(price_list=held, product__in=prices, since=since).values_list("product", "amount"))
    changed = {product: amount for product, amount in prices.items() if there.get(product.pk) != amount}
    overwrites = any(product.pk in there for product in changed)
    if begun and ((since is not None and since < today) or (since is None and overwrites)):
        raise DomainError(_("Prices of past days stay as they are. Give today or a later day."), fields=["since"])
    for product, amount in changed.items():
        Price.objects.update_or_create(price_list=held, product=product, since=since, defaults={"amount": amount})
    return len(changed)


def _lies_in(day, during):
    """Whether `day` is one of those of a range that may be open on both sides."""
    return (during.lower is None or during.lower <= day) and (during.upper is None or day < during.upper)
