"""What answers of several pages share."""

from accounts.models import Account


def visible_accounts(user, ids):
    """Those of the account `ids` that the person may open; the others are named without a link."""
    return set(Account.objects.visible_to(user).filter(pk__in=[pk for pk in ids if pk]).values_list("pk", flat=True))


def account_asked(request, rows):
    """(the visible account of ?account=, those of `rows` that are of it); (None, rows) where none is asked for.

    One that is not there, or not for the person to see, has no rows.
    """
    asked = request.GET.get("account", "")
    if not asked:
        return None, rows
    number = int(asked[:18]) if asked.isdecimal() else 0
    account = Account.objects.visible_to(request.user).filter(pk=number).first()
    return account, rows.filter(account=account) if account else rows.none()
