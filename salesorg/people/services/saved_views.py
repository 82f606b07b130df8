"""Views of lists that are kept by name: saved, shared, pinned into the navigation, opened by default."""

from urllib.parse import parse_qsl, urlencode

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from salesorg.lib.db import lock_until_commit
from salesorg.lib.errors import DomainError
from salesorg.people.models import SavedView, ViewUse
from salesorg.people.roles import Role

MOST_FILTERS = 100
MOST_PINNED = 20  # in the navigation of one person, which every page carries
PASSING = {"after", "before", "count"}  # where one was in the list is no part of the view


def address_of(query):
    """`query` without what says where one was in the list, written anew: nothing but names and values is kept."""
    try:
        pairs = parse_qsl(query.replace("\x00", ""), max_num_fields=MOST_FILTERS)
    except ValueError:
        raise DomainError(_("There are too many filters in this address. Take some away, then save the view.")) from None
    return urlencode([(name, value) for name, value in pairs if name not in PASSING])


@transaction.atomic
def save_view(*, page, query, name, shared, actor, team=None, pinned=False, default=False):
    """Keep the address of a list by `name`. Returns the SavedView.

    Raises DomainError for a name used twice, and for sharing beyond one's own teams.
    """
    view = SavedView(owner=actor, page=page, query=address_of(query))
    _write(view, name, shared, team, actor)
    use_view(view=view, actor=actor, pinned=pinned, default=default)
    return view


@transaction.atomic
def change_view(*, view, name, shared, actor, team=None, pinned=False, default=False):
    """Rename a view or share it otherwise; its address stays. Who may have it no longer loses it from the navigation."""
    _write(view, name, shared, team, actor)
    for use in view.uses.exclude(user=view.owner).select_related("user"):
        if not SavedView.objects.visible_to(use.user).filter(pk=view.pk).exists():
            use.delete()
    use_view(view=view, actor=actor, pinned=pinned, default=default)
    return view


@transaction.atomic
def use_view(*, view, actor, pinned, default):
    """Say whether `view` stands in one's own navigation, and whether its page opens with it: one view a page does."""
    lock_until_commit(f"views of {actor.pk}")
    others = SavedView.objects.visible_to(actor).filter(uses__user=actor, uses__pinned=True).exclude(pk=view.pk)
    if pinned and others.count() >= MOST_PINNED:
        words = {"most": MOST_PINNED}
        raise DomainError(_("Your navigation holds %(most)d views. Take one out of it first.") % words, fields=["pinned"])
    if default:
        ViewUse.objects.filter(user=actor, view__page=view.page).exclude(view=view).update(default=False)
    ViewUse.objects.update_or_create(user=actor, view=view, defaults={"pinned": pinned, "default": default})
    ViewUse.objects.filter(user=actor, pinned=False, default=False).delete()


def delete_view(*, view, actor):
    """Forget a view, for everybody who uses it."""
    view.delete()


def _write(view, name, shared, team, actor):
    team = team if shared == SavedView.Shared.TEAM else None
    for_all = Role.OPERATIONS in actor.scope.roles
    if shared == SavedView.Shared.ALL and not for_all:
        raise DomainError(_("Sales operations share views with everybody. Share it with a team you lead."), fields=["shared"])
    if shared == SavedView.Shared.TEAM:
        if team is None:
            raise DomainError(_("Choose the team to share it with."), fields=["team"])
        if not for_all and team.pk not in actor.scope.led_teams:
            raise DomainError(_("You share views with the teams you lead."), fields=["team"])
    view.name, view.shared, view.team = name, shared, team
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise DomainError(_("You have a view of this list by that name. Choose another one."), fields=["name"]) from error
