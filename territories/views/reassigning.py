"""Giving seats, accounts and territories to others: shown first, then saved, then undone with one click if need be."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from salesorg.lib.errors import DomainError
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.roles import Action
from territories.forms import GiveSeatForm, MoveAccountsForm, MoveTerritoryForm, OpenSeatForm
from territories.models import Placement, Plan, Seat, Territory
from territories.reach import reach
from territories.reports import described
from territories.services import give_seat, move_accounts, move_territory, open_seat, preview

MOST_CHOSEN = 500  # accounts ticked one by one; more are moved by moving all


def within_reach(user, pk):
    """(the territory, ids of all of its force that this person may reassign), else 404 or 403."""
    active = Territory.objects.visible_to(user).filter(force__plan__status=Plan.Status.ACTIVE)
    territory = get_object_or_404(active.select_related("force__plan", "force__line", "parent"), pk=pk)
    within = reach(user, territory.force)
    if territory.pk not in within:
        raise PermissionDenied(_("You may reassign only within your own teams."))
    return territory, within


def answer(request, form, service, what, *, territory, title, done, **more):
    """The form; after “Show what changes” the effect beside it; after “Reassign” the territory with an undo."""
    context = {"form": form, "territory": territory, "title": title, **more}
    if request.method == "POST" and form.is_valid():
        try:
            if "save" in request.POST:
                result = service(**what, **form.what(), actor=request.user)
                undo = undo_url(request)
                return toast(request, done(result), undo=undo, to=territory.get_absolute_url())
            context["preview"] = described(preview(service, **what, **form.what(), actor=request.user))
        except DomainError as error:
            form.refuse(error)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "territories/reassign.html", context, status=status)


def moved(result):
    """What was done, in words."""
    return ngettext("%(n)d account changes hands", "%(n)d accounts change hands", len(result.successions)) % {
        "n": len(result.successions)
    }


@FORM_METHODS
@requires(Action.REASSIGN)
def territory_reassign(request, pk):
    """Move accounts of a territory to another: those chosen, or all that one sees."""
    territory, within = within_reach(request.user, pk)
    asked = request.POST if request.method == "POST" else request.GET
    here = Placement.objects.visible_to(request.user).from_day(request.user.today).filter(territory=territory)
    chosen = [key for key in asked.getlist("account")[:MOST_CHOSEN] if key.isdecimal() and len(key) < 19]
    if "all" not in asked:
        here = here.filter(account__in=chosen)
    ids = sorted(set(here.values_list("account_id", flat=True)))
    form = MoveAccountsForm(request.POST or None, user=request.user, force=territory.force, within=within)
    names = Account.objects.visible_to(request.user).filter(pk__in=ids[:5]).order_by("name", "pk")
    count = ngettext("Move %(n)d account of %(from)s", "Move %(n)d accounts of %(from)s", len(ids))
    return answer(
        request,
        form,
        move_accounts,
        {"source": territory, "account_ids": ids},
        territory=territory,
        title=count % {"n": len(ids), "from": territory},
        done=moved,
        hidden=[("all", "1")] if "all" in asked else [("account", each) for each in ids],
        names=names,
        unnamed=max(0, len(ids) - 5),
    )


@FORM_METHODS
@requires(Action.REASSIGN)
def territory_move(request, pk):
    """Make a territory part of another one."""
    territory, within = within_reach(request.user, pk)
    form = MoveTerritoryForm(request.POST or None, user=request.user, force=territory.force, within=within)
    title = _("Move %(territory)s, now part of %(parent)s") if territory.parent else _("Move %(territory)s")
    return answer(
        request,
        form,
        move_territory,
        {"territory": territory},
        territory=territory,
        title=title % {"territory": territory, "parent": territory.parent},
        done=lambda result: _("%(territory)s moved") % {"territory": territory},
    )


@FORM_METHODS
@requires(Action.REASSIGN)
def seat_give(request, pk):
    """Give a seat to another person, or leave it vacant."""
    seat = get_object_or_404(Seat.objects.visible_to(request.user).select_related("user"), pk=pk)
    territory, _within = within_reach(request.user, seat.territory_id)
    form = GiveSeatForm(request.POST or None, user=request.user, force=territory.force)
    words = {"role": seat.get_role_display(), "territory": territory, "person": seat.user or _("nobody")}
    return answer(
        request,
        form,
        give_seat,
        {"seat": seat},
        territory=territory,
        title=_("%(role)s of %(territory)s, now %(person)s") % words,
        done=moved,
    )


@FORM_METHODS
@requires(Action.REASSIGN)
def seat_open(request, pk):
    """Add a seat to a territory."""
    territory, _within = within_reach(request.user, pk)
    form = OpenSeatForm(request.POST or None, user=request.user, force=territory.force)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            open_seat(territory=territory, **form.cleaned_data, actor=request.user)
            undo = undo_url(request)
            return toast(request, _("Seat added"), undo=undo, to=territory.get_absolute_url())
    context = {"form": form, "territory": territory}
    return render(request, "territories/seat_form.html", context, status=422 if form.is_bound else 200)
