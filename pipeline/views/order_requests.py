"""Order requests that wait: what is missing, and deciding on them."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pipeline.forms.orders import ConfirmForm, DeclineForm
from pipeline.models import Order, OrderRequest, RequestLine, Stock
from pipeline.services.order_prices import obstacles
from pipeline.services.orders import confirm_request, decline_request, left_to_order, wanted_of
from pipeline.visible import visible_accounts
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.roles import Action

DUE = 5  # on Today


@require_safe
@requires(Action.READ_RECORDS)
def request_list(request):
    """Orders that wait for somebody to decide, those that wait longest first."""
    waiting = OrderRequest.objects.visible_to(request.user).waiting().select_related("account", "taken_by", "taken_for")
    context = {"page": page_of(waiting, ("arrived_at", "pk"), request.GET.get("after", "")), "total": waiting.count()}
    return render(request, "pipeline/request_list.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def requests_due(request):
    """On Today: what waits longest, for those who may decide on it."""
    waiting = OrderRequest.objects.visible_to(request.user).waiting().select_related("account", "taken_for")
    found = waiting.order_by("arrived_at", "pk")[:DUE] if request.user.may(Action.TAKE_ORDERS) else ()
    return render(request, "pipeline/_requests_due.html", {"requests": found})


@FORM_METHODS
@requires(Action.READ_RECORDS)
def order_request(request, pk):
    """One request: what the customer wants, what is left of it to order, and ordering it as far as it goes (POST)."""
    rows = OrderRequest.objects.visible_to(request.user)
    found = get_object_or_404(
        rows.select_related("account", "taken_by", "taken_for", "warehouse", "decided_by", "agreed__proposal"), pk=pk
    )
    may_decide = found.is_waiting and request.user.may(Action.TAKE_ORDERS)
    left = left_to_order(found) if found.is_waiting else []
    form = ConfirmForm(
        request.POST or None, user=request.user, left=left, initial={"warehouse": found.warehouse_id}
    ) if may_decide else None  # fmt: skip
    if request.method == "POST" and form is not None and form.is_valid():
        with refusal_shown_in(form):
            facts = {"quantities": form.quantities(), "warehouse": form.cleaned_data["warehouse"]}
            order = confirm_request(request=found, actor=request.user, **facts)
            return toast(request, _("%(order)s confirmed: promised from stock") % {"order": order}, to=order.get_absolute_url())
    where = _where(request, [line.product_id for line, _most in left])
    context = {
        "asked": found,
        "lines": RequestLine.objects.visible_to(request.user).filter(request=found).select_related("product"),
        "left": [(line, most, form[f"line_{line.pk}"] if form else None, where.get(line.product_id, ())) for line, most in left],
        "obstacles": obstacles(found, [wanted_of(line, most) for line, most in left]),
        "orders": Order.objects.visible_to(request.user).filter(request=found),
        "account_visible": bool(visible_accounts(request.user, [found.account_id])),
        "form": form,
        "decline": DeclineForm(),
    }
    return render(request, "pipeline/order_request.html", context, status=422 if form is not None and form.is_bound else 200)


def _where(request, products):
    """{product's key: its balances in every warehouse, the fullest first}."""
    rows = Stock.objects.visible_to(request.user).in_use().filter(product__in=products).select_related("warehouse")
    found = {}
    for stock in rows.order_by("-available"):
        found.setdefault(stock.product_id, []).append(stock)
    return found


@require_POST
@requires(Action.TAKE_ORDERS)
def request_decline(request, pk):
    """Say that nothing (more) will come of a request, and why."""
    found = get_object_or_404(OrderRequest.objects.visible_to(request.user), pk=pk)
    reason = request.POST.get("reason", "").replace("\x00", "")[:500]
    decline_request(request=found, reason=reason, actor=request.user)
    return toast(request, _("Declined. Whoever took it is told."), to=found.get_absolute_url())
