"""What the pipeline tells the accounts below about money: what was invoiced, else what was won, and what may come.

Where a company has any invoice, its invoices less its credit notes by their day of issue are its revenue. Of one without, the
day of a won deal is its close date and its amount is its revenue. So nothing is counted twice.
"""

from django.db.models import Case, DecimalField, Exists, F, OuterRef, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import revenue

from .models import Deal, Invoice


def register():
    """Called once in AppConfig.ready."""
    won = _("Deals won, by close date, of companies without invoices")
    revenue.register_revenue("invoices", revenue.Source(_("Invoices less credit notes"), invoice_rows, invoices_url, invoiced))
    revenue.register_revenue("won deals", revenue.Source(won, won_rows, won_url))
    revenue.register_open("open deals", revenue.Source(_("Open deals"), open_rows, open_url))


def invoiced(account_id):
    return Invoice.objects.filter(account=account_id).exists()


def won_rows(currency):
    has_invoices = Exists(Invoice.objects.filter(account=OuterRef("account")))
    return _rows(Deal.objects.won().filter(~has_invoices, amount__isnull=False, close_date__isnull=False), currency)


def open_rows(currency):
    return _rows(Deal.objects.open(), currency)


def invoice_rows(currency):
    """Credit notes count with their own day, as negative amounts."""
    return Invoice.objects.order_by().values("account_id", "amount", "currency", day=F("issued_on"), rate=_rate(currency))


def _rate(currency):
    """A row keeps no rate: only the organisation's own currency has one, 1."""
    return Case(When(currency=currency, then=Value(1)), default=None, output_field=DecimalField())


def _rows(deals, currency):
    """Deals as account_id, day, amount, currency, rate."""
    found = deals.filter(account__isnull=False).order_by()
    return found.values("account_id", "amount", "currency", day=F("close_date"), rate=_rate(currency))


def won_url(account, since, until):
    return reverse("pipeline:deal_list", query={"account": account, "status": "won", "close_from": since, "close_to": until})


def open_url(account, since, until):
    return reverse("pipeline:deal_list", query={"account": account, "status": "open"})


def invoices_url(account, since, until):
    return reverse("pipeline:invoice_list", query={"account": account, "since": since, "until": until})
