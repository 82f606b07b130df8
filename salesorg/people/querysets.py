"""Choosing people, teams and memberships."""

from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.utils import timezone

from salesorg.lib.querysets import DatedQuerySet, ScopedQuerySet

from .roles import Action

# A person with the organisation's settings and the views kept in the navigation: all that a request needs before it begins.
# Written out, because Django takes four times as long to put the statement together as PostgreSQL takes to answer it.
# Which views are shared with the person is asked anew each time: a membership ends by its date, when nobody does a thing.
SIGNED_IN = """
    SELECT person.*,
        (SELECT row_to_json(organisation) FROM people_organisation organisation WHERE id = 1) AS organisation_row,
        ARRAY(
            SELECT json_build_object(
                'name', view.name, 'page', view.page, 'query', view.query, 'pinned', kept.pinned, 'default', kept."default")
            FROM people_viewuse kept JOIN people_savedview view ON view.id = kept.view_id
            WHERE kept.user_id = person.id
            AND (view.owner_id = person.id OR view.shared = 'all' OR view.shared = 'team' AND EXISTS (
                WITH RECURSIVE around AS (
                    SELECT team_id FROM people_membership WHERE user_id = person.id AND during @> (
                        %(now)s AT TIME ZONE coalesce((SELECT time_zone FROM people_organisation WHERE id = 1), 'UTC'))::date
                    UNION  -- without ALL, so that a loop in the tree ends
                    SELECT parent_id FROM people_team JOIN around ON id = team_id
                ) SELECT FROM around WHERE team_id = view.team_id))
            ORDER BY view.name, view.id
        ) AS kept_view_rows /*beside*/
    FROM people_user person WHERE person.id = %(person)s
"""

# Filled by upper apps in AppConfig.ready: name → SQL that says something of `person`, e.g. how many handoffs wait for them.
# Every page shows it, and so it comes with the person.
beside_the_person = {}


class DirectoryQuerySet(ScopedQuerySet):
    """Who works here, in which teams: everybody may see it, as in any company directory."""

    def visible_to(self, user):
        return self if user.may(Action.SEE_PEOPLE) else self.none()


class UserQuerySet(DirectoryQuerySet):
    """Colleagues, those who have left included."""

    def with_email(self, email):
        """The person who signs in with this address, in any case; it finds by the index that keeps addresses unique."""
        return self.annotate(email_in_lower_case=Lower("email")).filter(email_in_lower_case=Lower(Value(email)))

    def signed_in(self, key):
        """The person with this key, None when there is none, with what every page needs beside them (see SIGNED_IN)."""
        beside = "".join(f", ({sql}) AS {name}" for name, sql in beside_the_person.items())
        return next(iter(self.raw(SIGNED_IN.replace("/*beside*/", beside), {"person": key, "now": timezone.now()})), None)

    def working(self):
        """Those who may sign in."""
        return self.filter(is_active=True)

    def with_role(self, roles, day):
        """Those who hold one of `roles` on `day`, each once."""
        return self.filter(Q(memberships__during__contains=day) & Q(memberships__role__in=roles)).distinct()


class MembershipQuerySet(DirectoryQuerySet, DatedQuerySet):
    """Roles in teams, and who assists whom."""


class WorkingDayQuerySet(DirectoryQuerySet):
    """Working hours: when somebody can be reached is no secret."""


class AbsenceQuerySet(DatedQuerySet):
    def visible_to(self, user):
        """One's own, and those of the people one leads: why a colleague is away is nobody else's business."""
        if user.may(Action.EDIT_PEOPLE):
            return self
        return self.filter(Q(user=user) | Q(user__in=people_led_by(user)))


class SessionQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Where somebody signs in from is nobody else's business."""
        return self.filter(user=user)

    def running(self, now):
        """Those that still open a page."""
        return self.filter(expire_date__gt=now)


class SavedViewQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """One's own, those shared with a team one is in or that lies above it, and those for everybody."""
        return self.filter(Q(owner=user) | Q(shared="all") | Q(shared="team", team__in=teams_around(user)))


class ViewUseQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        return self.filter(user=user)


def teams_around(user):
    """Ids of the person's teams and of all they are part of."""
    from .models import Membership, Team  # noqa: PLC0415 (models import this module)

    parents = dict(Team.objects.values_list("pk", "parent_id"))
    found, waiting = set(), set(Membership.objects.on(user.today).filter(user=user).values_list("team_id", flat=True))
    while waiting:
        found |= waiting
        waiting = {parents.get(team) for team in waiting} - found - {None}
    return found


def people_led_by(user):
    """Ids of those who are, today, in a team that the person answers for, or below it; as a subquery."""
    from .models import Membership  # noqa: PLC0415 (models import this module)

    return Membership.objects.on(user.today).filter(team__in=user.scope.led_teams).values("user")
