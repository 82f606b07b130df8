"""Products, what they cost us, price lists and the prices on them: read by everybody who sells, kept by operations."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from pipeline.forms.products import CostForm, PastedPricesForm, PriceForm, PriceListForm, ProductForm
from pipeline.models import Price, PriceList, Product, ProductCost
from pipeline.price_lists import costs_on, prices_on
from pipeline.services import products as services
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.lib.widgets import offer, typed_words
from salesorg.people.access import requires
from salesorg.people.models import organisation
from salesorg.people.roles import Action

SHOWN = 200  # lists, and rows of one product
TABS = (
    ("list", gettext_lazy("Proposals"), "pipeline:proposal_list"),
    ("figures", gettext_lazy("Figures"), "pipeline:proposal_figures"),
    ("products", gettext_lazy("Products"), "pipeline:product_list"),
    ("prices", gettext_lazy("Price lists"), "pipeline:price_list_list"),
    ("stock", gettext_lazy("Stock"), "pipeline:stock_list"),
    ("orders", gettext_lazy("Orders"), "pipeline:order_list"),
    ("limits", gettext_lazy("Limits"), "pipeline:limit_list"),
)


def tabs(current):
    """The pages about what is offered, to switch between."""
    return [{"label": label, "url": reverse(name), "current": key == current} for key, label, name in TABS]


@require_safe
@requires(Action.READ_RECORDS)
def product_list(request):
    """What is sold, with today's list price in the organisation's currency."""
    archived, words = request.GET.get("archived") == "1", typed_words(request)
    products = Product.objects.visible_to(request.user).filter(archived_at__isnull=not archived).matching(words)
    page = page_of(products, ("name", "pk"), request.GET.get("after", ""))
    keys, currency, today = [each.pk for each in page.rows], organisation().currency, request.user.today
    sees_cost = request.user.may(Action.SEE_MARGIN)
    prices = prices_on(today, currency, keys)
    costs = costs_on(today, currency, keys) if sees_cost else {}
    context = {
        "tabs": tabs("products"),
        "page": page,
        "rows": [(each, prices.get(each.pk), costs.get(each.pk)) for each in page.rows],
        "currency": currency,
        "sees_cost": sees_cost,
        "may_edit": request.user.may(Action.EDIT_PRODUCTS),
        "words": words,
        "archived": archived,
        "chips": [
            {"label": _("On sale"), "url": "?", "on": not archived},
            {"label": _("No longer sold"), "url": "?archived=1", "on": archived},
        ],
    }
    return render(request, "pipeline/product_list.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def product_lookup(request):
    """The products on sale that match ?q=, as options of a combobox."""
    products = Product.objects.visible_to(request.user).on_sale().matching(typed_words(request))
    return offer(request, products, lambda product: " · ".join(part for part in (product.code, product.unit) if part))


@require_safe
@requires(Action.READ_RECORDS)
def product_detail(request, pk):
    """One product: its prices on all lists, and what it costs us for those who may know."""
    product = get_object_or_404(Product.objects.visible_to(request.user), pk=pk)
    prices = Price.objects.visible_to(request.user).filter(product=product).select_related("price_list")
    context = {
        "tabs": tabs("products"),
        "product": product,
        "prices": prices.order_by("price_list__name", "-since")[:SHOWN],
        "costs": ProductCost.objects.visible_to(request.user).filter(product=product)[:SHOWN],
        "sees_cost": request.user.may(Action.SEE_MARGIN),
        "may_edit": request.user.may(Action.EDIT_PRODUCTS),
    }
    return render(request, "pipeline/product_detail.html", context)


@FORM_METHODS
@requires(Action.EDIT_PRODUCTS)
def product_new(request):
    """Another thing to sell."""
    return _product_form(request, Product(), _("New product"), reverse("pipeline:product_list"))


@FORM_METHODS
@requires(Action.EDIT_PRODUCTS)
def product_edit(request, pk):
    """Change what a product is called; proposals that were sent keep the words they were sent with."""
    product = get_object_or_404(Product.objects.visible_to(request.user), pk=pk)
    return _product_form(request, product, _("Edit %(name)s") % {"name": product}, product.get_absolute_url())


def _product_form(request, product, title, back):
    form = ProductForm(request.POST or None, user=request.user, instance=product)
    if request.method == "POST" and form.saved_by(services.save_product, product=product):
        text = _("%(name)s saved") % {"name": form.instance}
        return toast(request, text, undo=undo_url(request), to=form.instance.get_absolute_url())
    return _form(request, form, title, back)


@require_POST
@requires(Action.EDIT_PRODUCTS)
def product_archive(request, pk):
    """Stop offering a product (archived=1), or offer it again."""
    product = get_object_or_404(Product.objects.visible_to(request.user), pk=pk)
    archived = request.POST.get("archived") == "1"
    services.archive_product(product=product, archived=archived, actor=request.user)
    text = _("%(name)s is no longer sold") if archived else _("%(name)s is on sale again")
    return toast(request, text % {"name": product}, undo=undo_url(request), to=product.get_absolute_url())


@FORM_METHODS
@requires(Action.EDIT_PRODUCTS, Action.SEE_MARGIN)
def cost_set(request, pk):
    """What one unit of a product costs us from a day on."""
    product = get_object_or_404(Product.objects.visible_to(request.user), pk=pk)
    form = CostForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.saved_by(services.set_cost, product=product):
        return toast(request, _("Cost saved"), undo=undo_url(request), to=product.get_absolute_url())
    return _form(request, form, _("Cost of %(name)s") % {"name": product}, product.get_absolute_url())


@require_safe
@requires(Action.READ_RECORDS)
def price_list_list(request):
    """The price lists, by currency; which of several counts is said below them."""
    lists = PriceList.objects.visible_to(request.user).order_by("currency", "-during__startswith", "-pk")[:SHOWN]
    context = {"tabs": tabs("prices"), "lists": lists, "may_edit": request.user.may(Action.EDIT_PRODUCTS)}
    return render(request, "pipeline/price_list_list.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def price_list(request, pk):
    """The prices of one list in a table, those that have ended and those to come among them."""
    found = _list_of(request, pk)
    words = typed_words(request)
    prices = Price.objects.visible_to(request.user).filter(price_list=found).select_related("product")
    if words:
        prices = prices.filter(product__in=Product.objects.visible_to(request.user).matching(words))
    page = page_of(prices, ("product__name", "product_id", "-pk"), request.GET.get("after", ""))
    counting = prices_on(request.user.today, found.currency, [each.product_id for each in page.rows])
    context = {
        "tabs": tabs("prices"),
        "list": found,
        "page": page,
        "counting": counting,
        "words": words,
        "may_edit": request.user.may(Action.EDIT_PRODUCTS),
    }
    return render(request, "pipeline/price_list.html", context)


@FORM_METHODS
@requires(Action.EDIT_PRODUCTS)
def price_list_new(request):
    """Another price list."""
    return _list_form(request, PriceList(), _("New price list"), reverse("pipeline:price_list_list"))


@FORM_METHODS
@requires(Action.EDIT_PRODUCTS)
def price_list_edit(request, pk):
    """Change the name or the days of a price list."""
    found = _list_of(request, pk)
    return _list_form(request, found, _("Edit %(name)s") % {"name": found}, found.get_absolute_url())


def _list_form(request, found, title, back):
    form = PriceListForm(request.POST or None, user=request.user, instance=found)
    if request.method == "POST" and form.saved_by(services.save_price_list, price_list=found):
        text = _("%(name)s saved") % {"name": form.instance}
        return toast(request, text, undo=undo_url(request), to=form.instance.get_absolute_url())
    return _form(request, form, title, back)


@FORM_METHODS
@requires(Action.EDIT_PRODUCTS)
def price_set(request, pk):
    """One price on a list from a day on."""
    found = _list_of(request, pk)
    form = PriceForm(request.POST or None, user=request.user, initial={"product": request.GET.get("product")})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with refusal_shown_in(form):
            prices = {typed["product"]: typed["amount"]}
            services.set_prices(price_list=found, prices=prices, since=typed["since"], actor=request.user)
            return toast(request, _("Price saved"), undo=undo_url(request), to=found.get_absolute_url())
    return _form(request, form, _("Price on %(name)s, %(currency)s") % _words(found), found.get_absolute_url())


@FORM_METHODS
@requires(Action.EDIT_PRODUCTS)
def price_paste(request, pk):
    """Many prices on a list from a day on, pasted from a sheet."""
    found = _list_of(request, pk)
    form = PastedPricesForm(request.POST or None, user=request.user, most=services.MOST_PASTED)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with refusal_shown_in(form):
            count = services.set_prices(price_list=found, prices=typed["lines"], since=typed["since"], actor=request.user)
            text = _("%(count)d prices are new or other") % {"count": count}
            return toast(request, text, undo=undo_url(request), to=found.get_absolute_url())
    return _form(request, form, _("Paste prices of %(name)s, %(currency)s") % _words(found), found.get_absolute_url())


def _words(found):
    return {"name": found, "currency": found.currency}


def _list_of(request, pk):
    return get_object_or_404(PriceList.objects.visible_to(request.user), pk=pk)


def _form(request, form, title, back):
    context = {"form": form, "title": title, "back": back, "tabs": tabs("")}
    return render(request, "pipeline/product_form.html", context, status=422 if form.is_bound else 200)
