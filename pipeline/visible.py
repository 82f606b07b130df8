"""What answers of several pages share."""

from accounts.models import Account


def visible_accounts(user, ids):
    """Those of the account `ids` that the person may open; the others are named without a link."""
    return set(Account.objects.visible_to(user).filter(pk__in=[pk for pk in ids if pk]).values_list("pk", flat=True))
