"""Choosing deals, leads and their parts, and who may see them."""

from django.db.models import Q

from accounts.querysets import account_filter, covered_accounts
from salesorg.lib.querysets import ScopedQuerySet
from salesorg.people.roles import Action


def deal_filter(user, column="pk"):
    """The rows whose deal the person may see; `column` holds the deal's id ("pk" on deals themselves)."""
    from .models import Deal, DealMember  # noqa: PLC0415 (models import this module)

    scope = user.scope
    if scope.sees_all_deals:
        return Q()
    # Narrow subqueries, not joins: a deal shared by three pod members must not come back three times.
    mine = (
        Q(owner_id__in=scope.deal_people)
        | Q(account_id__in=covered_accounts(scope.deal_people, user.today))
        | Q(pk__in=DealMember.objects.on(user.today).filter(user_id__in=scope.deal_people).values("deal_id"))
    )
    return mine if column == "pk" else Q(**{f"{column}__in": Deal.objects.filter(mine).values("pk")})


class DealQuerySet(ScopedQuerySet):
    """Deals, and who may see them."""

    def visible_to(self, user):
        return self.filter(deal_filter(user))

    def open(self):
        return self.filter(status="open")

    def won(self):
        return self.filter(status="won")

    def lost(self):
        return self.filter(status="lost")

    def closing_in(self, period):
        """Those with a close date in `period` (lib.periods.Period)."""
        return self.filter(close_date__gte=period.start, close_date__lt=period.until)


class DealPartQuerySet(ScopedQuerySet):
    """Rows that hang on a deal and are seen with it."""

    def visible_to(self, user):
        return self.filter(deal_filter(user, "deal_id"))

    def on(self, day):
        return self.filter(during__contains=day)

    def at(self, moment):
        """The versions in force at `moment`."""
        return self.filter(during__contains=moment)


class LeadQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        scope = user.scope
        if scope.sees_all_deals:
            return self
        return self.filter(
            Q(sdr_id__in=scope.deal_people) | Q(seller_id__in=scope.deal_people) | account_filter(user, "account_id")
        )


class VocabularyQuerySet(ScopedQuerySet):
    """Stages, sources, products and prices: the organisation's vocabulary, read by everybody who reads records."""

    def visible_to(self, user):
        return self if user.may(Action.READ_RECORDS) else self.none()
