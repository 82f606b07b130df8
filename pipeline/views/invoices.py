"""What became of orders: recording deliveries, invoices, credit notes and payments; the list of invoices."""

from django.db.models import Sum
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Account
from pipeline.forms.invoices import CreditForm, DeliveryForm, InvoiceForm, PaymentForm
from pipeline.models import Delivery, Invoice, Order, OrderLine, Payment
from pipeline.selections.invoices import InvoiceSelection
from pipeline.services import invoices as services
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.roles import Action

SHOWN = 10


@require_safe
@requires(Action.READ_RECORDS)
def invoice_list(request):
    """Invoices and credit notes, the latest first, with what they come to and what of it is open."""
    selection = InvoiceSelection(request.GET, user=request.user)
    invoices = selection.invoices()
    rows = invoices.order_by().values_list("currency").annotate(sum=Sum("amount"), open=Sum("open")).order_by("currency")
    sums = list(rows)
    context = {
        "selection": selection,
        "page": page_of(invoices.select_related("account", "order"), ("-issued_on", "-pk"), request.GET.get("after", "")),
        "sums": {currency: amount for currency, amount, _open in sums},
        "open": {currency: amount for currency, _amount, amount in sums},
        "chips": selection.chips(),
        "today": request.user.today,
        "may_record": request.user.may(Action.RECORD_INVOICES),
    }
    return render(request, "pipeline/invoice_list.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def invoice_detail(request, pk):
    """One invoice: what was paid and credited, and what is open."""
    invoice = get_object_or_404(Invoice.objects.visible_to(request.user).select_related("account", "order", "credits"), pk=pk)
    context = {
        "invoice": invoice,
        "overdue": invoice.is_overdue(request.user.today),
        "payments": Payment.objects.visible_to(request.user).filter(invoice=invoice).select_related("made_by"),
        "credit_notes": Invoice.objects.visible_to(request.user).filter(credits=invoice),
        "may_record": request.user.may(Action.RECORD_INVOICES) and not invoice.is_credit,
        "order_visible": Order.objects.visible_to(request.user).filter(pk=invoice.order_id).exists(),
    }
    return render(request, "pipeline/invoice_detail.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def order_afterwards(request, pk):
    """On the page of an order: deliveries and invoices."""
    order = get_object_or_404(Order.objects.visible_to(request.user), pk=pk)
    lines = OrderLine.objects.visible_to(request.user).filter(order=order).select_related("product")
    progress = services.progress_of(order)
    deliveries = Delivery.objects.visible_to(request.user).filter(order=order).select_related("made_by")
    invoices = list(Invoice.objects.visible_to(request.user).filter(order=order))
    context = {
        "order": order,
        "rows": [(line, *progress.get(line.pk, (0, 0))) for line in lines],
        "any_returned": any(returned for _delivered, returned in progress.values()),
        "deliveries": deliveries.prefetch_related("lines__line__product"),
        "invoices": invoices,
        "invoiced": sum(each.amount for each in invoices),
        "open": sum(each.open for each in invoices),
        "today": request.user.today,
        "may_deliver": request.user.may(Action.TAKE_ORDERS) and not order.is_cancelled,
        "may_record": request.user.may(Action.RECORD_INVOICES),
    }
    return render(request, "pipeline/_order_afterwards.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def account_invoices(request, pk):
    """On the page of an account: what is still to be paid."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    unpaid = Invoice.objects.visible_to(request.user).filter(account=account).unpaid().order_by("due_on", "pk")
    url = f"{reverse('pipeline:invoice_list')}?account={account.pk}"
    context = {"invoices": unpaid[:SHOWN], "url": url, "today": request.user.today}
    return render(request, "pipeline/_account_invoices.html", context)


@FORM_METHODS
@requires(Action.TAKE_ORDERS)
def order_deliver(request, pk):
    """Something of an order was delivered, or came back."""
    order = get_object_or_404(Order.objects.visible_to(request.user), pk=pk)
    lines = list(OrderLine.objects.visible_to(request.user).filter(order=order).select_related("product"))
    progress = services.progress_of(order)
    form = DeliveryForm(request.POST or None, lines=lines, progress=progress, day=request.user.today)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            done = services.record_delivery(order=order, actor=request.user, **form.facts())
            words = {"order": done, "state": done.get_state_display().lower()}
            return toast(request, _("%(order)s: %(state)s") % words, to=order.get_absolute_url())
    return _form(request, form, _("Delivery of %(order)s") % {"order": order}, order)


@FORM_METHODS
@requires(Action.RECORD_INVOICES)
def invoice_new(request, pk):
    """Record the invoice that was issued for an order."""
    order = get_object_or_404(Order.objects.visible_to(request.user).select_related("account"), pk=pk)
    form = InvoiceForm(request.POST or None, order=order, day=request.user.today)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            facts = form.cleaned_data | {"account": order.account, "order": order}
            invoice = services.record_invoice(actor=request.user, **facts)
            return toast(request, _("%(number)s recorded") % {"number": invoice}, to=order.get_absolute_url())
    return _form(request, form, _("Invoice for %(order)s, %(currency)s") % {"order": order, "currency": order.currency}, order)


@FORM_METHODS
@requires(Action.RECORD_INVOICES)
def credit_new(request, pk):
    """Record a credit note to an invoice."""
    return _record(request, pk, CreditForm, services.record_credit, _("Credit note to %(number)s, %(currency)s"))


@FORM_METHODS
@requires(Action.RECORD_INVOICES)
def payment_new(request, pk):
    """Record money that came for an invoice, or went back."""
    return _record(request, pk, PaymentForm, services.record_payment, _("Payment for %(number)s, %(currency)s"))


def _record(request, pk, form_class, service, title):
    invoice = get_object_or_404(Invoice.objects.visible_to(request.user), pk=pk)
    form = form_class(request.POST or None, invoice=invoice, day=request.user.today)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            service(invoice=invoice, actor=request.user, **form.cleaned_data)
            return toast(request, _("Recorded for %(number)s") % {"number": invoice}, to=invoice.get_absolute_url())
    return _form(request, form, title % {"number": invoice, "currency": invoice.currency}, invoice)


def _form(request, form, title, record):
    context = {"form": form, "title": title, "record": record}
    return render(request, "pipeline/order_step.html", context, status=422 if form.is_bound else 200)
