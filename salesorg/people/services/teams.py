"""The tree of teams."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from salesorg.lib.db import lock_until_commit
from salesorg.lib.errors import DomainError

from ..models import Team
from ..scope import below


@transaction.atomic
def create_team(*, name, kind, actor, parent=None, **settings):
    """Add a team to the tree."""
    return _save(Team(name=name, kind=kind, parent=parent, **settings), None)


@transaction.atomic
def change_team(*, team, actor, **changes):
    """Write `changes` to the team; a new `parent` moves it with everything below.

    Raises DomainError when the team would become part of itself.
    """
    parent = changes.get("parent")
    if parent is not None:
        lock_until_commit("people.teams")  # two moves could otherwise each make one half of a circle
        if parent.pk in below({team.pk}, Team.objects.only("pk", "parent_id")):
            words = {"team": team, "parent": parent}
            raise DomainError(_("%(parent)s is part of %(team)s, so it cannot contain it.") % words, fields=["parent"])
    for name, value in changes.items():
        setattr(team, name, value)
    return _save(team, list(changes))


def _save(team, columns):
    try:
        with transaction.atomic():
            team.save(update_fields=columns)
    except IntegrityError as error:
        if "team_name_once_per_parent" in str(error):
            raise DomainError(_("There is already a team of this name here."), fields=["name"]) from error
        raise
    return team


@transaction.atomic
def delete_team(*, team, actor):
    """Remove a team that was made by mistake. One that had members or has parts stays, because the past names it."""
    lock_until_commit("people.teams")
    team = Team.objects.select_for_update().get(pk=team.pk)  # waits for whoever is just joining
    if team.children.exists() or team.memberships.exists():
        raise DomainError(_("%(team)s has members or parts, now or in the past. Rename or move it instead.") % {"team": team})
    team.delete()
