"""Choosing what is known of customers, and who may see it; and what the book is ordered by."""

from datetime import date

from django.db.models import BooleanField, Count, ExpressionWrapper, Min, Q, Value
from django.db.models.functions import Coalesce

from accounts.querysets.accounts import account_filter
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


class OnboardingQuerySet(CustomerQuerySet):
    def open(self):
        return self.filter(ended_on=None)

    def counted(self, day):
        """With how many steps there are, are closed, and are overdue on `day`, and when the next is due."""
        open_step = Q(steps__state="open")
        return self.annotate(
            steps_count=Count("steps"),
            closed_count=Count("steps", filter=~open_step),
            late_count=Count("steps", filter=open_step & Q(steps__due_on__lt=day)),
            next_on=Min("steps__due_on", filter=open_step),
        )


class OnboardingStepQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Steps of customers one sees, and those one is to do."""
        if user.scope.sees_all_accounts:
            return self
        return self.filter(account_filter(user, "onboarding__account_id") | Q(owner=user.pk))

    def due(self, user, day):
        """What `user` is to do by `day`, the oldest first."""
        mine = self.filter(owner=user, state="open", due_on__lte=day, onboarding__ended_on=None)
        return mine.select_related("onboarding__account").order_by("due_on", "pk")


class TicketQuerySet(CustomerQuerySet):
    def open(self):
        return self.exclude(state="solved")

    def unanswered(self):
        return self.open().filter(answered_at=None)

    def with_answered(self):
        """With `answered`, to order by: whoever waits for a first answer comes before who has had one."""
        return self.annotate(answered=ExpressionWrapper(Q(answered_at__isnull=False), output_field=BooleanField()))


class TicketPartQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(account_filter(user, "ticket__account_id"))
