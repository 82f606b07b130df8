"""Choosing pay records, and who may see them: one's own, finance all, leaders the attainment of those they lead."""

from django.db.models import Count, Q

from salesorg.lib.querysets import DatedQuerySet, ScopedQuerySet
from salesorg.people.models import Membership
from salesorg.people.roles import Action


def people_led_by(user):
    """Ids of the people in the teams `user` leads today, as a subquery."""
    return Membership.objects.on(user.today).filter(team_id__in=user.scope.led_teams).values("user_id")


def pay_of(user, column):
    """Rows about the person's own pay; all rows for finance."""
    if user.may(Action.SEE_ALL_PAY):
        return Q()
    return Q(**{column: user.pk}) if user.may(Action.SEE_OWN_PAY) else Q(pk__in=[])


def attainment_of(user, column):
    """Rows that attainment is made of: one's own, those of the people one leads, all for finance and operations."""
    if user.may(Action.EDIT_QUOTAS):
        return Q()
    own = pay_of(user, column)
    return own | Q(**{f"{column}__in": people_led_by(user)}) if user.may(Action.SEE_TEAM_ATTAINMENT) else own


class PeriodQuerySet(ScopedQuerySet):
    """Months are no secret."""

    def visible_to(self, user):
        return self if user.may(Action.SEE_OWN_PAY) else self.none()

    def open(self):
        return self.filter(closed_at=None)


class PersonalTermQuerySet(DatedQuerySet):
    """A person's quotas or plans."""

    def visible_to(self, user):
        return self.filter(attainment_of(user, "user_id"))


class PlanVersionQuerySet(ScopedQuerySet):
    """Plans: those who set them see all, everybody else the ones they are or were paid by."""

    def visible_to(self, user):
        if user.may(Action.EDIT_QUOTAS):
            return self
        from .models import PlanAssignment  # noqa: PLC0415 (models import this module)

        return self.filter(pk__in=PlanAssignment.objects.filter(user=user).values("plan_version_id"))

    def signed(self):
        return self.filter(signed_at__isnull=False)

    def with_people(self, day):
        """Each with `people`: how many it pays on `day`."""
        return self.annotate(people=Count("assignments", filter=Q(assignments__during__contains=day)))


class EventQuerySet(ScopedQuerySet):
    """Bookings, seen by whoever is credited for them and by finance."""

    def visible_to(self, user):
        if user.may(Action.SEE_ALL_PAY):
            return self
        from .models import Credit  # noqa: PLC0415 (models import this module)

        return self.filter(pk__in=Credit.objects.visible_to(user).values("event_id"))


class CreditQuerySet(ScopedQuerySet):
    """Who was credited with what: won value, not pay."""

    def visible_to(self, user):
        return self.filter(attainment_of(user, "payee_id"))

    def earned_in(self, days):
        """Those whose date lies in `days` (lib.periods.Period)."""
        return self.filter(on__gte=days.start, on__lt=days.until)


class OwnPayQuerySet(ScopedQuerySet):
    """Ledger entries: one's own; finance all."""

    def visible_to(self, user):
        return self.filter(pay_of(user, "payee_id"))


class StatementQuerySet(ScopedQuerySet):
    """Statements: one's own; finance all. A manager sees attainment, not pay."""

    def visible_to(self, user):
        return self.filter(pay_of(user, "user_id"))
