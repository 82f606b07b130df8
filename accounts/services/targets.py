"""Targets for visits, calls and meetings: set from a day, by who answers for the people."""

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.models import ActivityTarget
from salesorg.lib.db import lock_until_commit
from salesorg.lib.errors import DomainError
from salesorg.people.models import Membership


@transaction.atomic
def set_target(*, measure, per_week, from_day, actor, user=None, team=None, role=None):
    """From `from_day` each person it is for is to make `per_week` of `measure`; what held before keeps its past.

    Raises DomainError unless it is for exactly one of person, team and role, and the actor answers for them.
    """
    if sum(each is not None for each in (user, team, role)) != 1:
        raise DomainError(_("Choose a person, a team or a role: one of them."), fields=["user"])
    _check_answers_for(actor, user, team)
    lock_until_commit("accounts.targets")  # two who end the same one at once would each make it end before it began
    about = {"measure": measure, "user": user, "team": team, "role": role}
    ActivityTarget.objects.filter(**about).end_before(from_day)
    return ActivityTarget.objects.create(**about, per_week=per_week, during=DateRange(from_day, None))


def _check_answers_for(actor, user, team):
    """Operations set anybody's; a leader those of the own teams and of their people."""
    scope = actor.scope
    if scope.sees_all_accounts:
        return
    if team is not None and team.pk in scope.led_teams:
        return
    led = Membership.objects.on(actor.today).filter(team__in=scope.led_teams)
    if user is not None and led.filter(user=user).exists():
        return
    raise DomainError(
        _("You set targets for the teams you lead and for the people in them."),
        fields=["user" if user else "team" if team else "role"],
    )
