"""Asking for an order on the spot."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.forms import OrderRequestForm
from accounts.models import Account
from accounts.services import request_order
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.roles import Action


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def order_request(request, pk):
    """Pass what the customer orders on to whoever is the account's first contact, as a task."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = OrderRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            task = request_order(account=account, actor=request.user, **form.cleaned_data)
            text = _("Order passed on to %(person)s as a task") % {"person": task.user}
            return toast(request, text, undo=undo_url(request), to=account.get_absolute_url())
    context = {"form": form, "account": account}
    return render(request, "accounts/order_request.html", context, status=422 if form.is_bound else 200)
