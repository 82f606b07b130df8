"""What answers of several pages share."""

from django.urls import reverse

from accounts.models import Account


def undo_url(request):
    """Where a POST takes back all that this request has changed."""
    return reverse("audit:undo", args=[request.context_id])


def visible_accounts(user, ids):
    """Those of the account `ids` that the person may open; the others are named without a link."""
    return set(Account.objects.visible_to(user).filter(pk__in=[pk for pk in ids if pk]).values_list("pk", flat=True))
