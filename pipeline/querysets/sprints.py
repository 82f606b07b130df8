"""Choosing sprints and what was committed in them, and who may see them."""

from django.db.models import Q

from salesorg.lib.querysets import ScopedQuerySet
from salesorg.people.models import Assistance, Membership
from salesorg.people.roles import Action, Role


def sprint_filter(user, of=""):
    """The sprints the person may see; `of` is the way to the sprint ("sprint__" on what was committed in one).

    A person's are seen like that person's deals, and by who leads a team they were in when they left, so that somebody
    closes their week; a team's by who is in it, assists somebody in it, or leads it.
    """
    scope = user.scope
    if not user.may(Action.READ_RECORDS):
        return Q(pk__in=[])
    if scope.sees_all_deals:
        return Q()
    seen = Q(**{f"{of}user__in": list(scope.deal_people)}) | Q(**{f"{of}team__in": teams_of(user)})
    if scope.led_teams:
        seen |= Q(**{f"{of}team__in": list(scope.led_teams)})
        left = Membership.objects.filter(team__in=scope.led_teams, user__is_active=False)
        seen |= Q(**{f"{of}user__in": left.values("user")})
    return seen


def teams_of(user):
    """Ids of the teams whose common sprint the person shares: their own, and those of whom they assist; as a subquery."""
    return Membership.objects.on(user.today).filter(user__in={user.pk, *assisted_by(user)}).values("team")


def shares_team(user, team):
    """Whether the person sees the common sprint of `team`."""
    return user.scope.sees_all_deals or team.pk in user.scope.led_teams or teams_of(user).filter(team=team).exists()


def assisted_by(user):
    """Ids of the people whom the person assists today."""
    if Role.ASSISTANT not in user.scope.roles:
        return set()
    return set(Assistance.objects.on(user.today).filter(assistant=user).values_list("principal", flat=True))


class SprintQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(sprint_filter(user))


class SprintItemQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(sprint_filter(user, "sprint__"))

    def open(self):
        return self.filter(state="open")

    def kept(self):
        """Those that were not dropped."""
        return self.exclude(state="dropped")
