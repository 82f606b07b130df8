"""Choosing handoffs and packages, and who may see them."""

from datetime import timedelta

from django.db.models import BigIntegerField, Case, CharField, Exists, F, OuterRef, Q, Subquery, Value, When

from accounts.models import Activity
from pipeline.querysets.deals import deal_filter
from salesorg.audit.past import AsRecorded
from salesorg.lib.querysets import ScopedQuerySet
from salesorg.people.models import Membership, organisation
from salesorg.people.roles import Action

# The names under which `as_of` brings what may have been different on a past day.
THEN = {
    **{name: f"then_{name}" for name in ("state", "decided_at", "decide_time", "contact_at", "contact_time", "churned_on")},
    "taker": "then_taker_id",
    "deal__status": "then_deal_status",
}
# How many handoffs wait for a person: read with them in every request, for the navigation.
HANDOFFS_WAITING = "SELECT count(*) FROM pipeline_handoff WHERE taker_id = person.id AND state = 'offered'"


class PackageQuerySet(ScopedQuerySet):
    """What is asked for before a deal is taken: everybody who works with deals may know it, and who keeps it."""

    def visible_to(self, user):
        return self if user.may(Action.READ_RECORDS) or user.may(Action.EDIT_PACKAGES) else self.none()


class HandoffQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Those whose deal one sees, those that oneself or one's people give or take, and those open to one's role."""
        scope = user.scope
        if scope.sees_all_deals:
            return self
        people = list(scope.deal_people)
        theirs = Q(giver__in=people) | Q(taker__in=people)
        return self.filter(theirs | self._open_to(user) | deal_filter(user, "deal_id"))

    def _open_to(self, user):
        """Those that nobody has taken yet, for a role that the person holds (in the team, where one is named)."""
        mine = Membership.objects.on(user.today).filter(user=user, role=OuterRef("taker_role"))
        held = (Q(team=None) & Exists(mine)) | Q(Exists(mine.filter(team=OuterRef("team"))))
        return Q(taker=None, state="offered") & held

    def as_of(self, day):
        """The handoffs there were at the end of `day`, in the organisation's time zone, as recorded for that moment.

        What THEN names is brought under the name it has there, the receiver as then_taker_id. The other columns, and who
        may see the handoff, are today's.
        """
        from pipeline.models import DealVersion  # noqa: PLC0415 (models import this module)

        moment = organisation().last_moment_of(day)
        deal = DealVersion.objects.filter(deal=OuterRef("deal_id"), during__contains=moment)
        state = Case(  # what came later by its own date, then what history tells of the rest
            When(decided_at__gt=moment, then=Value("offered")),
            When(challenged_at__gt=moment, then=Value("accepted")),
            When(judged_at__gt=moment, then=Value("challenged")),
            default=AsRecorded("state", moment, CharField()),
        )
        kept = {
            f"then_{name}": Case(When(**{f"{told_by}__lte": until}, then=F(name)), default=None)
            for name, told_by, until in (
                ("decided_at", "decided_at", moment), ("decide_time", "decided_at", moment), ("contact_at", "contact_at", moment),
                ("contact_time", "contact_at", moment), ("churned_on", "churned_on", day),
            )
        }  # fmt: skip
        return self.filter(offered_at__lte=moment).annotate(
            **kept,
            then_state=state,
            then_taker_id=AsRecorded("taker_id", moment, BigIntegerField()),
            then_deal_status=Subquery(deal.values("stage__status")[:1]),
        )

    def waiting(self):
        return self.filter(state="offered")

    def to_decide(self, user):
        """Those that wait for the person: offered to them, or to their role."""
        return self.waiting().filter(Q(taker=user) | self._open_to(user))

    def counted(self):
        """Those that count in figures: nobody hands over to themselves."""
        return self.filter(is_silent=False)

    def overdue(self, now):
        return self.waiting().filter(decide_by__lte=now)

    def without_contact(self, now, since=timedelta(days=90)):
        """Accepted within `since`, and the receiver has not been in touch yet."""
        return self.filter(state="accepted", contact_at=None, decided_at__gt=now - since, is_silent=False)

    def with_meeting(self):
        """With `met_at`: the receiver's first activity at the account after acceptance, noted as the contact or not yet."""
        theirs = Activity.objects.filter(
            account=OuterRef("deal__account"), user=OuterRef("taker"), done_at__gte=OuterRef("decided_at")
        )
        return self.annotate(met_at=Subquery(theirs.order_by("done_at").values("done_at")[:1]))

    def after(self, earlier):
        """Ids of the rows of `earlier` whose deal was offered again since."""
        offered = dict(self.order_by("offered_at").values_list("deal", "offered_at"))
        return [each.pk for each in earlier if offered.get(each.deal_id, each.offered_at) > each.offered_at]

    def for_people(self):
        return self.select_related("deal", "deal__account", "giver", "taker", "team")

    def left(self):
        """Ordered by the time that is left."""
        return self.order_by(F("decide_by").asc(), "pk")
