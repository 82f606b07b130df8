"""Choosing what deals ask for, and who may read it."""

from django.db.models import Q

from pipeline.querysets.deals import deal_filter
from salesorg.lib.querysets import ScopedQuerySet
from salesorg.people.roles import Action


class AskQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Those of deals one sees; an open one also to everybody who holds the role it asks for."""
        if not user.may(Action.READ_RECORDS):
            return self.none()
        if user.scope.sees_all_deals:
            return self
        return self.filter(deal_filter(user, "deal_id") | Q(ended_at=None, role__in=[int(role) for role in user.scope.roles]))

    def open(self):
        """Those that nobody has answered, of deals that are still open."""
        return self.filter(ended_at=None, deal__status="open")

    def to_me(self, user):
        """The open ones that ask for a role of the person, who does not work on the deal yet."""
        there = Q(deal__members__user=user, deal__members__during__contains=user.today)
        mine = self.open().filter(role__in=[int(role) for role in user.scope.roles])
        return mine.exclude(pk__in=mine.filter(there).values("pk")).exclude(deal__owner=user)
