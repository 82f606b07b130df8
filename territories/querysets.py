"""Choosing plans, territories, seats and placements."""

from django.db.models import Q

from accounts.querysets import account_filter
from salesorg.lib.querysets import ScopedQuerySet
from salesorg.people.roles import Action


class StructureQuerySet(ScopedQuerySet):
    """The structure is public inside the organisation; the accounts in it are not."""

    def visible_to(self, user):
        return self if user.may(Action.READ_RECORDS) else self.none()

    def on(self, day):
        """Those in force on `day`."""
        return self.filter(during__contains=day)

    def from_day(self, day):
        """Those in force on `day` or at some later time."""
        return self.filter(Q(during__endswith__gt=day) | Q(during__endswith=None))


class PlacementQuerySet(StructureQuerySet):
    """Pins and placements name accounts, so they are seen with their account."""

    def visible_to(self, user):
        return self.filter(account_filter(user, "account_id"))
