"""What the pipeline tells the accounts below about money: won deals stand in for invoices, open deals are what may come.

Until the product keeps invoices and credit notes, the day of a won deal is its close date and its amount is its revenue.
"""

from django.db.models import Case, DecimalField, F, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import revenue

from .models import Deal


def register():
    """Called once in AppConfig.ready."""
    revenue.register_revenue("won deals", revenue.Source(_("Deals won, by close date"), won_rows, won_url))
    revenue.register_open("open deals", revenue.Source(_("Open deals"), open_rows, open_url))


def won_rows(currency):
    return _rows(Deal.objects.won().filter(amount__isnull=False, close_date__isnull=False), currency)


def open_rows(currency):
    return _rows(Deal.objects.open(), currency)


def _rows(deals, currency):
    """Deals as account_id, day, amount, currency, rate. A deal keeps no rate: only the organisation's own currency has one, 1."""
    rate = Case(When(currency=currency, then=Value(1)), default=None, output_field=DecimalField())
    return (
        deals.filter(account__isnull=False).order_by().values("account_id", "amount", "currency", day=F("close_date"), rate=rate)
    )


def won_url(account, since, until):
    return reverse("pipeline:deal_list", query={"account": account, "status": "won", "close_from": since, "close_to": until})


def open_url(account, since, until):
    return reverse("pipeline:deal_list", query={"account": account, "status": "open"})
