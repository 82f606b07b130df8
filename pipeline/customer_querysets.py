"""Choosing what is known of customers, and who may see it; and what the book is ordered by."""

from datetime import date

from django.db.models import Value
from django.db.models.functions import Coalesce

from accounts.querysets import account_filter
from salesorg.lib.querysets import ScopedQuerySet
from salesorg.people.roles import Action

UNKNOWN = 101  # a customer without a score comes after all that have one


def renewal_day():
    """The day to order by: a customer without a contract to renew comes last. The index has the very same."""
    return Coalesce("renews_on", Value(date.max))


def score_order():
    """The score to order by, the worst first. The index has the very same."""
    return Coalesce("score", Value(UNKNOWN))


def quiet_since():
    """The day from which a customer is silent, to order by; one who is never said to be comes last."""
    return Coalesce("silent_from", Value(date.max))


class CustomerQuerySet(ScopedQuerySet):
    """What hangs on a customer and is seen with the account."""

    def visible_to(self, user):
        return self.filter(account_filter(user, "account_id"))


class InputQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """By which inputs customers are judged is known to everybody who works with them."""
        return self if user.may(Action.READ_RECORDS) else self.none()
