"""Choosing people, teams and memberships."""

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q, Subquery, Value
from django.db.models.functions import JSONObject, Lower

from salesorg.lib.querysets import ScopedQuerySet

from .roles import Action


def on(day, prefix="during"):
    """A filter for rows whose period covers `day`."""
    return Q(**{f"{prefix}__contains": day})


class UserQuerySet(ScopedQuerySet):
    """Colleagues: everybody may see who works here, as in any company directory."""

    def visible_to(self, user):
        return self if user.may(Action.SEE_PEOPLE) else self.none()

    def with_email(self, email):
        """The person who signs in with this address, in any case; it finds by the index that keeps addresses unique."""
        return self.annotate(email_in_lower_case=Lower("email")).filter(email_in_lower_case=Lower(Value(email)))

    def with_organisation(self):
        """Each with the organisation's settings beside it, so that a request reads both in one query."""
        from .models import Organisation  # noqa: PLC0415 (models import this module)

        columns = [field.attname for field in Organisation._meta.concrete_fields]
        row = Organisation.objects.filter(pk=1).values(row=JSONObject(**{name: name for name in columns}))
        return self.annotate(organisation_row=Subquery(row))

    def working(self):
        """Those who may sign in."""
        return self.filter(is_active=True)

    def with_role(self, roles, day):
        """Those who hold one of `roles` on `day`, each once."""
        return self.filter(Q(memberships__during__contains=day) & Q(memberships__role__in=roles)).distinct()


class TeamQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self if user.may(Action.SEE_PEOPLE) else self.none()


class MembershipQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self if user.may(Action.SEE_PEOPLE) else self.none()

    def on(self, day):
        return self.filter(on(day))

    def from_day(self, day):
        """Those in force on `day` or later."""
        return self.filter(during__overlap=DateRange(day, None))


class AssistanceQuerySet(MembershipQuerySet):
    pass


class SessionQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Where somebody signs in from is nobody else's business."""
        return self.filter(user=user)

    def running(self, now):
        """Those that still open a page."""
        return self.filter(expire_date__gt=now)
