"""Choosing lists of prospects and what stands on them, and who may see them."""

from django.db.models import Count, Q

from accounts.querysets.accounts import account_filter
from salesorg.lib.querysets import ScopedQuerySet
from salesorg.people.roles import Action

# Whoever works through a list reads the companies on it until the list is closed, whoever covers them.
ACCOUNTS_ON_LISTS = """
    SELECT row.account_id FROM pipeline_prospect row JOIN pipeline_prospectlist list ON list.id = row.list_id
    WHERE list.closed_at IS NULL AND (list.owner_id = %s OR list.shared_with_id = %s)
"""


def accounts_on_own_lists(user):
    """The accounts on the open lists that the person works through, as SQL: they are visible too."""
    return ACCOUNTS_ON_LISTS, [user.pk, user.pk]


def list_filter(user, of=""):
    """The lists the person may see, like the deals of whose they are; `of` is the way to the list ("list__")."""
    if not user.may(Action.READ_RECORDS):
        return Q(pk__in=[])
    if user.scope.sees_all_deals:
        return Q()
    people = list(user.scope.deal_people)
    return Q(**{f"{of}owner__in": people}) | Q(**{f"{of}shared_with__in": people})


class ProspectListQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(list_filter(user))

    def open(self):
        return self.filter(closed_at=None)


class ProspectQuerySet(ScopedQuerySet):
    """What stands on a list is seen by who sees the list and the account."""

    def visible_to(self, user):
        return self.filter(list_filter(user, "list__"), account_filter(user, "account_id"))

    def worked(self):
        return self.filter(worked_at__isnull=False)

    def reached(self):
        return self.filter(reached_at__isnull=False)

    def with_meeting(self):
        return self.filter(meeting_at__isnull=False)

    def with_lead(self):
        return self.filter(lead__isnull=False)

    def to_work(self, day):
        """Those whose turn it is on `day`: nobody has worked them, or they were put off until then."""
        return self.filter(Q(state="waiting") | Q(state="later", later_on__lte=day))

    def counted(self):
        """{name of a figure: how many}, of all these rows in one query."""
        return self.order_by().aggregate(
            all=Count("pk"), worked=Count("worked_at"), reached=Count("reached_at"), meetings=Count("meeting_at"),
            leads=Count("lead"),
        )  # fmt: skip
