"""Choosing plans, territories, seats and placements."""

from accounts.querysets.accounts import account_filter
from salesorg.lib.querysets import DatedQuerySet
from salesorg.people.roles import Action


class StructureQuerySet(DatedQuerySet):
    """The structure is public inside the organisation; the accounts in it are not."""

    def visible_to(self, user):
        return self if user.may(Action.READ_RECORDS) else self.none()


class PlacementQuerySet(StructureQuerySet):
    """Pins and placements name accounts, so they are seen with their account."""

    def visible_to(self, user):
        return self.filter(account_filter(user, "account_id"))
