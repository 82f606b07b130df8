"""Choosing proposals and their parts, and who may see them: whoever sees the deal."""

from pipeline.querysets.deals import DealPartQuerySet, deal_filter
from salesorg.lib.querysets import ScopedQuerySet
from salesorg.people.roles import Action

WRITING = ("draft", "waiting", "approved")  # nobody outside has seen it yet
OUT = ("sent", "opened")  # with the customer, who may answer


class ProposalQuerySet(DealPartQuerySet):
    pass


class VersionQuerySet(DealPartQuerySet):
    def latest(self):
        return self.filter(is_latest=True)

    def issued(self):
        """Those that were sent, whatever became of them."""
        return self.filter(sent_at__isnull=False)

    def in_state(self, state, today):
        """Those in a state as people know it: a version that ran out unanswered is expired without a row saying so."""
        if state == "expired":
            return self.filter(state__in=OUT, valid_until__lt=today)
        found = self.filter(state=state)
        return found.filter(valid_until__gte=today) if state in OUT else found


class VersionPartQuerySet(ScopedQuerySet):
    """Lines, approvals and documents: seen with the version's deal."""

    way = "version__deal_id"

    def visible_to(self, user):
        return self.filter(deal_filter(user, self.way))


class LineCostQuerySet(ScopedQuerySet):
    """What a line costs us and its margin, for those who may know, of deals that they see."""

    def visible_to(self, user):
        return self.filter(deal_filter(user, "line__version__deal_id")) if user.may(Action.SEE_MARGIN) else self.none()
