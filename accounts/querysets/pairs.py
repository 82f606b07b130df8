"""Choosing pairs of records that may be one, and records that were merged away."""

from accounts.querysets.accounts import account_filter
from salesorg.lib.querysets import ScopedQuerySet


class PairQuerySet(ScopedQuerySet):
    """A pair is seen by who sees both records: of half a pair not a word is told."""

    column = None  # holds the account's id of a record, as seen from the pair

    def visible_to(self, user):
        return self.filter(
            account_filter(user, f"first{self.column}"),
            account_filter(user, f"second{self.column}"),
        )

    def open(self):
        """Those that nobody has called different."""
        return self.filter(dismissed_at=None)


class AccountPairQuerySet(PairQuerySet):
    column = "_id"


class ContactPairQuerySet(PairQuerySet):
    column = "__account_id"


class MergedAccountQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(account_filter(user, "account_id"))


class MergedContactQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(account_filter(user, "contact__account_id"))
