"""Orders: taking one, the list, one by one, cancelling; panels on account and deal pages."""

import uuid

from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Account
from pipeline.forms.orders import CancelOrderForm, OrderForm, agreed_in, rows_of
from pipeline.models import Deal, Order, OrderLine, OrderRequest, Product, ProposalVersion, Stock
from pipeline.price_lists import prices_on
from pipeline.selections.orders import TONES, OrderSelection, net_sums, order_listing
from pipeline.services.orders import cancel_order, take_order
from pipeline.services.stock import amount
from pipeline.views.products import tabs
from pipeline.visible import visible_accounts
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast
from salesorg.lib.lists import total_of
from salesorg.lib.money import decimals
from salesorg.people.access import requires
from salesorg.people.models import organisation
from salesorg.people.roles import Action

SHOWN = 6  # orders in a panel
ASKED = ("since", "until")  # in the form of the last menu


@require_safe
@requires(Action.READ_RECORDS)
def order_list(request):
    """Orders by state, account and day, with what they come to; the requests that wait stand above."""
    selection = OrderSelection(request.GET, user=request.user)
    orders = selection.orders()
    listing = order_listing(selection)
    context = listing.context(listing.page(orders.for_people(), request.GET), {}) | {
        "tabs": tabs("orders"),
        "selection": selection,
        "total": total_of(orders, request.GET),
        "sums": net_sums(orders),
        "chips": selection.chips(),
        "fields": [selection[name] for name in ASKED],
        "hidden": selection.besides(*ASKED),
        "waiting": OrderRequest.objects.visible_to(request.user).waiting().count(),
        "may_take": request.user.may(Action.TAKE_ORDERS),
    }
    return render(request, "pipeline/order_list.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def order_detail(request, pk):
    """One order as it was confirmed: lines with every step of their price, who took it for whom, what became of it."""
    orders = Order.objects.visible_to(request.user).for_people()
    order = get_object_or_404(orders.select_related("request", "replaces", "cancelled_by", "deal", "agreed__proposal"), pk=pk)
    lines = OrderLine.objects.visible_to(request.user).filter(order=order).select_related("product")
    context = {
        "order": order,
        "tone": TONES[order.state],
        "lines": lines,
        "account_visible": bool(visible_accounts(request.user, [order.account_id])),
        "deal_visible": Deal.objects.visible_to(request.user).filter(pk=order.deal_id).exists() if order.deal_id else False,
        "replaced_by": Order.objects.visible_to(request.user).filter(replaces=order).first(),
        "may_change": request.user.may(Action.TAKE_ORDERS) and order.state == Order.State.OPEN,
        "extra": bool(order.agreed_id) and any(not line.agreed_id for line in lines),
    }
    return render(request, "pipeline/order_detail.html", context)


@FORM_METHODS
@requires(Action.TAKE_ORDERS)
def order_new(request):
    """Take an order of ?account=, from ?deal= or its accepted ?proposal=, or in the place of the order ?replaces=."""
    old = _of(
        Order.objects.visible_to(request.user).for_people().select_related("agreed__proposal", "deal__account"),
        request.GET.get("replaces", ""),
    )
    version = old.agreed if old else _of(_accepted(request.user), request.GET.get("proposal", ""))
    deal = old.deal if old else _of(Deal.objects.visible_to(request.user).select_related("account"), request.GET.get("deal", ""))
    deal = version.deal if version else deal
    account = old.account if old else deal.account if deal else None
    account = account or _of(Account.objects.visible_to(request.user), request.GET.get("account", ""))
    if account is None:
        return render(request, "pipeline/order_start.html", {"deal": deal, "version": version})
    agreed = agreed_in(version, besides=_sent_before(request, account) or old)
    rows = rows_of(old, agreed)
    form = OrderForm(
        request.POST or None, user=request.user, account=account, rows=rows, agreed=agreed, initial=_begin(old, version)
    )  # fmt: skip
    currency = next((each.currency for each in (old, version, deal) if each), organisation().currency)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            facts = form.facts() | {"deal": deal, "agreed": version, "currency": currency, "replaces": old}
            order = take_order(account=account, actor=request.user, **facts).orders.first()
            text = _("%(order)s confirmed: promised from stock") % {"order": order}
            return toast(request, text, to=order.get_absolute_url())
    context = _form_context(request, form, currency) | {"account": account, "deal": deal, "old": old, "version": version}
    return render(request, "pipeline/order_form.html", context, status=422 if form.is_bound else 200)


def _sent_before(request, account):
    """The order that came of this very form when it was sent the first time: a second click is read as the first one was."""
    form = request.POST.get("client_id", "")
    try:
        number = uuid.UUID(form)
    except ValueError:
        return None
    mine = Order.objects.visible_to(request.user).filter(account=account, taken_by=request.user)
    return mine.filter(request__client_id=number).order_by("pk").first()


def _form_context(request, form, currency):
    return {"form": form, "currency": currency, "decimals": decimals(currency)}


def _of(rows, number):
    """The row whose key an address names, None when it names none that can be seen."""
    return rows.filter(pk=number).first() if number.isascii() and number.isdecimal() and len(number) < 19 else None


def _accepted(user):
    """The accepted proposals from which an order can begin."""
    found = ProposalVersion.objects.visible_to(user).filter(state=ProposalVersion.State.ACCEPTED)
    return found.select_related("deal__account", "proposal")


def _begin(old, version):
    """What stands in the form of an order that takes another's place, or begins with what was accepted."""
    if version is not None and old is None:
        return {"wanted_on": version.delivery_on}
    if old is None:
        return {}
    discount = amount(old.discount) if old.discount else ""
    return {"warehouse": old.warehouse_id, "taken_for": old.taken_for_id, "wanted_on": old.wanted_on, "discount": discount,
            "note": old.request.note}  # fmt: skip


@require_safe
@requires(Action.READ_RECORDS)
def product_facts(request, pk):
    """What is shown beside a line while it is typed: today's list price in ?currency=, the unit, what is left where."""
    product = get_object_or_404(Product.objects.visible_to(request.user), pk=pk)
    currency = request.GET.get("currency", "")[:3].replace("\x00", "") or organisation().currency
    price = prices_on(organisation().today(), currency, [product.pk]).get(product.pk)
    stocks = Stock.objects.visible_to(request.user).in_use().filter(product=product).select_related("warehouse")
    left = [[each.warehouse_id, each.warehouse.name, amount(each.available)] for each in stocks.order_by("warehouse__name")]
    return JsonResponse(
        {"name": product.name, "price": None if price is None else amount(price), "unit": product.unit, "left": left}
    )


@FORM_METHODS
@requires(Action.TAKE_ORDERS)
def order_cancel(request, pk):
    """Give an order up, for a reason."""
    order = get_object_or_404(Order.objects.visible_to(request.user).for_people(), pk=pk)
    form = CancelOrderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            cancel_order(order=order, actor=request.user, **form.cleaned_data)
            text = _("%(order)s cancelled: what it had is free again") % {"order": order}
            return toast(request, text, to=order.get_absolute_url())
    return render(request, "pipeline/order_cancel.html", {"form": form, "order": order}, status=422 if form.is_bound else 200)


@require_safe
@requires(Action.READ_RECORDS)
def account_orders(request, pk):
    """On the page of an account: its last orders, and what of it still waits."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    return _panel(request, {"account": account}, f"{reverse('pipeline:order_list')}?account={account.pk}")


@require_safe
@requires(Action.READ_RECORDS)
def deal_orders(request, pk):
    """On the page of a deal: what was ordered from it, or the way to do so."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user), pk=pk)
    return _panel(request, {"deal": deal}, f"{reverse('pipeline:order_list')}?deal={deal.pk}")


def _panel(request, of, url):
    orders = list(Order.objects.visible_to(request.user).filter(**of)[: SHOWN + 1])
    requests = OrderRequest.objects.visible_to(request.user).waiting().filter(**of)
    context = {
        "orders": [(each, TONES[each.state]) for each in orders[:SHOWN]],
        "more": len(orders) > SHOWN,
        "requests": requests[:SHOWN],
        "url": url,
        "may_take": request.user.may(Action.TAKE_ORDERS),
    }
    return render(request, "pipeline/_orders.html", context | of)
