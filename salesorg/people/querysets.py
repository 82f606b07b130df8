"""Choosing people, teams and memberships."""

from django.db.models import Q, Subquery, Value
from django.db.models.functions import JSONObject, Lower

from salesorg.lib.querysets import DatedQuerySet, ScopedQuerySet

from .roles import Action


class DirectoryQuerySet(ScopedQuerySet):
    """Who works here, in which teams: everybody may see it, as in any company directory."""

    def visible_to(self, user):
        return self if user.may(Action.SEE_PEOPLE) else self.none()


class UserQuerySet(DirectoryQuerySet):
    """Colleagues, those who have left included."""

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


class MembershipQuerySet(DirectoryQuerySet, DatedQuerySet):
    """Roles in teams, and who assists whom."""


class SessionQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Where somebody signs in from is nobody else's business."""
        return self.filter(user=user)

    def running(self, now):
        """Those that still open a page."""
        return self.filter(expire_date__gt=now)
