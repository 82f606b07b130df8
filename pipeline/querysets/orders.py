"""Choosing orders and order requests, and who may see them."""

from django.db.models import Q

from accounts.querysets.accounts import account_filter
from salesorg.lib.querysets import ScopedQuerySet


def order_filter(user, of=""):
    """The orders the person may see: with their account, and those they took or that were taken for them."""
    if user.scope.sees_all_accounts:
        return Q()
    own = Q(**{f"{of}taken_by": user.pk}) | Q(**{f"{of}taken_for": user.pk})
    return account_filter(user, f"{of}account_id") | own


class OrderRequestQuerySet(ScopedQuerySet):
    """What customers ordered, as it was taken."""

    def visible_to(self, user):
        return self.filter(order_filter(user))

    def waiting(self):
        """Those of which something still waits for somebody to decide."""
        return self.filter(state__in=("waiting", "partly"))


class OrderQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(order_filter(user))

    def placed(self):
        """Those that were not cancelled."""
        return self.exclude(state="cancelled")

    def for_people(self):
        return self.select_related("account", "warehouse", "taken_for", "taken_by")


class RequestPartQuerySet(ScopedQuerySet):
    """Rows that hang on an order request and are seen with it."""

    def visible_to(self, user):
        return self.filter(order_filter(user, "request__"))


class OrderPartQuerySet(ScopedQuerySet):
    """Rows that hang on an order and are seen with it."""

    def visible_to(self, user):
        return self.filter(order_filter(user, "order__"))


class DeliveryPartQuerySet(ScopedQuerySet):
    """Rows that hang on a delivery and are seen with its order."""

    def visible_to(self, user):
        return self.filter(order_filter(user, "delivery__order__"))


class InvoiceQuerySet(ScopedQuerySet):
    """Invoices and credit notes: seen with their account."""

    def visible_to(self, user):
        return self.filter(account_filter(user, "account_id"))

    def unpaid(self):
        return self.exclude(open=0)

    def overdue(self, day):
        return self.filter(open__gt=0, due_on__lt=day)


class InvoicePartQuerySet(ScopedQuerySet):
    """Payments: seen with their invoice."""

    def visible_to(self, user):
        return self.filter(account_filter(user, "invoice__account_id"))
