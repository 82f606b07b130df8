"""Printed material: what each person needs in a year and what it costs, down to the orders."""

from django.db.models import F, Sum
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.forms.documents import PrintOrderForm
from accounts.selections.documents import PrintedSelection
from accounts.services.documents import order_print
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.roles import Action


@require_safe
@requires(Action.READ_RECORDS)
def printed_list(request):
    """A year's orders: the sum of each person as a link to exactly its rows, and the rows."""
    selection = PrintedSelection(request.GET, user=request.user)
    orders = selection.orders()
    page = page_of(orders.select_related("user"), ("-ordered_on", "-pk"), request.GET.get("after", ""))
    cost = Sum(F("pieces") * F("unit_cost"))
    people = selection.orders(of_person=False).order_by().values("user_id", "user__name")
    people = people.annotate(all_pieces=Sum("pieces"), cost=cost).order_by("-cost", "user__name")
    context = {
        "selection": selection,
        "page": page,
        "rows": [(order, order.pieces * order.unit_cost) for order in page.rows],
        "people": [row | {"url": "?" + selection.query(by=row["user_id"])} for row in people[:200]],
        "sums": orders.aggregate(all_pieces=Sum("pieces"), cost=cost),
        "years": selection.years(),
        "may_order": request.user.may(Action.LOG_ACTIVITY),
    }
    return render(request, "accounts/printed_list.html", context)


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def printed_new(request):
    """Note an order of printed material."""
    form = PrintOrderForm(request.POST or None, user=request.user)
    if request.method == "POST" and (order := form.saved_by(order_print)):
        return toast(request, _("%(item)s noted") % {"item": order}, undo=undo_url(request), to=reverse("accounts:printed_list"))
    return render(request, "accounts/printed_form.html", {"form": form}, status=422 if form.is_bound else 200)
