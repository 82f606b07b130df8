"""Finding accounts while typing in a form."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from salesorg.people.access import requires
from salesorg.people.roles import Action

from .models import Account

OFFERED = 10  # as many as fit below a field


@require_safe
@requires(Action.READ_RECORDS)
def account_lookup(request):
    """The visible accounts that match ?q=, as options of a combobox; without words the first by name."""
    accounts = Account.objects.visible_to(request.user)
    text = request.GET.get("q", "").replace("\x00", "")[:100].strip()
    if text:
        accounts = accounts.matching(text)
    options = [
        {"value": account.pk, "label": account.name, "detail": account.city}
        for account in accounts.order_by("name", "pk")[:OFFERED]
    ]
    return render(request, "parts/options.html", {"options": options})
