"""Choosing what people bring back from the field, photos, sightings, proposals and trips, and who may see them."""

from accounts.querysets.accounts import account_filter
from salesorg.lib.querysets import ScopedQuerySet
from salesorg.people.roles import Role


class OfAccountQuerySet(ScopedQuerySet):
    """Rows that are seen by whoever sees their account."""

    account_column = "account_id"

    def visible_to(self, user):
        return self.filter(account_filter(user, self.account_column))


class OfActivityQuerySet(OfAccountQuerySet):
    account_column = "activity__account_id"


class PinProposalQuerySet(OfAccountQuerySet):
    def waiting(self):
        """Those nobody has decided."""
        return self.filter(decided_at=None)


class CompetitorQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """The names of competitors are the organisation's vocabulary: everybody reads them."""
        return self


class VehicleLogQuerySet(ScopedQuerySet):
    """Rows of one person's vehicle log: seen by that person, and by finance, which hands the log to the tax office."""

    def visible_to(self, user):
        return self if Role.FINANCE in user.scope.roles else self.filter(user=user)
