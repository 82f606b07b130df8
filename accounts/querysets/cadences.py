"""Choosing cadences and what falls due by them, and who may see them."""

from django.db.models import Q

from accounts.querysets.accounts import account_filter
from salesorg.lib.querysets import DatedQuerySet, ScopedQuerySet


class CadenceQuerySet(DatedQuerySet):
    def visible_to(self, user):
        """Those of tiers are the organisation's rules: everybody reads them. One account's, whoever sees the account."""
        return self.filter(Q(account=None) | account_filter(user, "account_id"))


class ContactDueQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(account_filter(user, "account_id"))


class CadencePlanQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(account_filter(user, "account_id"))
