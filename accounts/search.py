"""What the search box finds among accounts and contacts."""

from django.db.models import Case, IntegerField, Value, When

from salesorg.lib.search import Result

from .models import Account, Contact


def find_accounts(user, text, limit):
    """Visible accounts by name, domain, city or phone; those whose name begins with the words come first."""
    found = _best_first(Account.objects.visible_to(user).matching(text), text)[:limit]
    return [
        Result(account.name, _detail(account.domain, account.city), account.get_absolute_url(), "building") for account in found
    ]


def find_contacts(user, text, limit):
    """Visible contacts by name, e-mail or phone."""
    found = _best_first(Contact.objects.visible_to(user).matching(text).select_related("account"), text)[:limit]
    return [
        Result(contact.name, _detail(contact.position, contact.account.name), contact.get_absolute_url(), "person")
        for contact in found
    ]


def _best_first(rows, text):
    begins = Case(When(name__istartswith=text, then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.order_by(begins, "name", "pk")


def _detail(*parts):
    return " · ".join(part for part in parts if part)
