"""What lies in which warehouse: read by everybody who sells, kept by operations."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from pipeline.forms.stock import StockForm, WarehouseForm
from pipeline.models import Movement, Product, Stock, Warehouse
from pipeline.services import stock as services
from pipeline.services.stock import amount
from pipeline.views.products import tabs
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.lib.widgets import typed_words
from salesorg.people.access import requires
from salesorg.people.roles import Action

MOST_WAREHOUSES = 100


@require_safe
@requires(Action.READ_RECORDS)
def stock_list(request):
    """What lies where, what of it is promised, and what is left; ?warehouse= and ?q= narrow it."""
    warehouses = _warehouses(request)
    chosen = next((each for each in warehouses if str(each.pk) == request.GET.get("warehouse")), None)
    words = typed_words(request)
    stocks = Stock.objects.visible_to(request.user).in_use().select_related("product", "warehouse")
    if chosen:
        stocks = stocks.filter(warehouse=chosen)
    if words:
        stocks = stocks.filter(product__in=Product.objects.visible_to(request.user).matching(words))
    context = {
        "tabs": tabs("stock"),
        "page": page_of(stocks, ("product__name", "warehouse_id", "pk"), request.GET.get("after", "")),
        "words": words,
        "chosen": chosen,
        "chips": _chips(warehouses, chosen, words),
        "warehouses": warehouses,
        "may_keep": request.user.may(Action.KEEP_STOCK),
    }
    return render(request, "pipeline/stock_list.html", context)


def _warehouses(request):
    return list(Warehouse.objects.visible_to(request.user).filter(archived_at=None)[:MOST_WAREHOUSES])


def _chips(warehouses, chosen, words):
    everywhere = {"label": _("Everywhere"), "url": "?" + (f"q={words}" if words else ""), "on": chosen is None}
    return [everywhere] + [
        {"label": each.name, "url": f"?warehouse={each.pk}" + (f"&q={words}" if words else ""), "on": each == chosen}
        for each in warehouses
    ]


@require_safe
@requires(Action.READ_RECORDS)
def stock_detail(request, pk):
    """One product in one warehouse: every movement, the newest first."""
    stocks = Stock.objects.visible_to(request.user).select_related("product", "warehouse")
    stock = get_object_or_404(stocks, pk=pk)
    movements = Movement.objects.visible_to(request.user).filter(warehouse=stock.warehouse, product=stock.product)
    context = {
        "tabs": tabs(""),
        "stock": stock,
        "page": page_of(movements.select_related("made_by"), ("-pk",), request.GET.get("after", "")),
        "may_keep": request.user.may(Action.KEEP_STOCK),
    }
    return render(request, "pipeline/stock_detail.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def product_stock(request, pk):
    """On the page of a product: where how much of it lies."""
    product = get_object_or_404(Product.objects.visible_to(request.user), pk=pk)
    stocks = Stock.objects.visible_to(request.user).in_use().filter(product=product).select_related("warehouse")
    return render(request, "pipeline/_product_stock.html", {"product": product, "stocks": stocks[:MOST_WAREHOUSES]})


@FORM_METHODS
@requires(Action.KEEP_STOCK)
def stock_change(request):
    """Count, receive or take out: one product (?product=) or a pasted sheet, in one warehouse (?warehouse=)."""
    form = StockForm(request.POST or None, user=request.user, initial=_asked(request))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with refusal_shown_in(form):
            facts = {"warehouse": typed["warehouse"], "kind": typed["kind"], "reason": typed["reason"]}
            count = services.change_stock(quantities=typed["lines"], actor=request.user, **facts)
            text = ngettext("%(count)d balance is another", "%(count)d balances are others", count) % {"count": count}
            return toast(request, text, to=f"{reverse('pipeline:stock_list')}?warehouse={typed['warehouse'].pk}")
    has_none = not form.fields["warehouse"].queryset.exists()
    context = {"form": form, "has_none": has_none, "tabs": tabs("")}
    return render(request, "pipeline/stock_form.html", context, status=422 if form.is_bound else 200)


def _asked(request):
    """What stands in the form: the warehouse, and the line of a product as it is booked."""
    warehouse, product = (request.GET.get(name, "") for name in ("warehouse", "product"))
    if not (warehouse.isdecimal() and product.isdecimal()) or len(warehouse + product) > 30:
        return {"warehouse": warehouse if warehouse.isdecimal() else ""}
    stocks = Stock.objects.visible_to(request.user).filter(warehouse=warehouse, product=product).select_related("product")
    found = stocks.first()
    line = f"{found.product.code or found.product.name}; {amount(found.on_hand)}" if found else ""
    return {"warehouse": warehouse, "lines": line}


@FORM_METHODS
@requires(Action.KEEP_STOCK)
def warehouse_new(request):
    """Another warehouse to sell from."""
    return _warehouse_form(request, Warehouse(), _("New warehouse"))


@FORM_METHODS
@requires(Action.KEEP_STOCK)
def warehouse_edit(request, pk):
    """Call a warehouse something else."""
    warehouse = get_object_or_404(Warehouse.objects.visible_to(request.user), pk=pk)
    return _warehouse_form(request, warehouse, _("Edit %(name)s") % {"name": warehouse})


def _warehouse_form(request, warehouse, title):
    form = WarehouseForm(request.POST or None, user=request.user, instance=warehouse)
    back = reverse("pipeline:stock_list")
    if request.method == "POST" and form.saved_by(services.save_warehouse, warehouse=warehouse):
        to = f"{back}?warehouse={form.instance.pk}"
        return toast(request, _("%(name)s saved") % {"name": form.instance}, undo=undo_url(request), to=to)
    context = {"form": form, "title": title, "back": back, "tabs": tabs("")}
    return render(request, "pipeline/product_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.KEEP_STOCK)
def warehouse_close(request, pk):
    """No longer sell from a warehouse (closed=1), or sell from it again."""
    warehouse = get_object_or_404(Warehouse.objects.visible_to(request.user), pk=pk)
    closed = request.POST.get("closed") == "1"
    services.close_warehouse(warehouse=warehouse, closed=closed, actor=request.user)
    text = _("%(name)s is closed") if closed else _("%(name)s is open again")
    return toast(request, text % {"name": warehouse}, undo=undo_url(request), to=reverse("pipeline:stock_list"))
