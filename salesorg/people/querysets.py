"""Choosing people, teams and memberships."""

from django.db.models import Q

from salesorg.lib.querysets import ScopedQuerySet

from .roles import Action


def on(day, prefix="during"):
    """A filter for rows whose period covers `day`."""
    return Q(**{f"{prefix}__contains": day})


class UserQuerySet(ScopedQuerySet):
    """Colleagues: everybody may see who works here, as in any company directory."""

    def visible_to(self, user):
        return self if user.may(Action.SEE_PEOPLE) else self.none()

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


class AssistanceQuerySet(MembershipQuerySet):
    pass


class SessionQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Own sessions; an administrator revokes another's through the person's page."""
        return self if user.may(Action.EDIT_PEOPLE) else self.filter(user=user)
