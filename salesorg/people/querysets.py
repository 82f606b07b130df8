"""Choosing people, teams and memberships."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, OuterRef, Q, Subquery, Value
from django.db.models.functions import JSONObject, Lower
from django.utils import timezone

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

    def with_kept_views(self):
        """Each with the views they have in the navigation or by default: every page shows them, and asks no query for it."""
        from .models import SavedView  # noqa: PLC0415 (models import this module)

        # Asked anew each time, and not when somebody leaves a team: a membership ends by its date, and nobody does a thing then.
        still = Q(owner=OuterRef("pk")) | Q(shared="all") | Q(InTeamAround(OuterRef("pk"), timezone.now()), shared="team")
        views = SavedView.objects.filter(still, uses__user=OuterRef("pk")).order_by("name", "pk")
        columns = {"name": "name", "page": "page", "query": "query", "pinned": "uses__pinned", "default": "uses__default"}
        return self.annotate(kept_view_rows=ArraySubquery(views.values(row=JSONObject(**columns))))

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


class InTeamAround(Func):
    """SavedViewQuerySet's third condition for a query that has the id of a person and nothing else of them."""

    template = """EXISTS (
        WITH RECURSIVE around AS (
            SELECT team_id FROM people_membership WHERE user_id = %(person)s AND during @> (
                %(now)s AT TIME ZONE coalesce((SELECT time_zone FROM people_organisation WHERE id = 1), 'UTC'))::date
            UNION  -- without ALL, so that a loop in the tree ends
            SELECT parent_id FROM people_team JOIN around ON id = team_id
        ) SELECT FROM around WHERE team_id = %(team)s)"""
    output_field = BooleanField()

    def __init__(self, person, now):
        super().__init__(person, Value(now), F("team"))

    def as_sql(self, compiler, connection):
        (person, _no), (now, params), (team, _none) = (compiler.compile(each) for each in self.source_expressions)
        return self.template % {"person": person, "now": now, "team": team}, params


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
