"""What the search box finds among accounts and contacts."""

from django.db.models import Case, IntegerField, Value, When

from salesorg.lib.search import Result

from .models import Account, Contact


def find_accounts(user, text, limit):
    """Visible accounts by name, domain, city or phone; those whose name begins with the words come first."""
    found = _best(Account.objects.visible_to(user), text, limit)
    return [
        Result(account.name, _detail(account.domain, account.city), account.get_absolute_url(), "building") for account in found
    ]


def find_contacts(user, text, limit):
    """Visible contacts by name, e-mail or phone."""
    found = _best(Contact.objects.visible_to(user), text, limit).select_related("account")
    return [
        Result(contact.name, _detail(contact.position, contact.account.name), contact.get_absolute_url(), "person")
        for contact in found
    ]


def _best(visible, text, limit):
    """The first that match. Chosen by their keys, and only those read and joined: two letters may match every other row."""
    begins = Case(When(name__istartswith=text, then=Value(0)), default=Value(1), output_field=IntegerField())
    order = (begins, "name", "pk")
    return visible.filter(pk__in=visible.matching(text).order_by(*order).values("pk")[:limit]).order_by(*order)


def _detail(*parts):
    return " · ".join(part for part in parts if part)
