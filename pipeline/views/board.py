"""The board: deals as cards in the columns of their stages."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pipeline import board as boards
from pipeline.models import Stage, Status
from pipeline.selections.deals import ANY
from pipeline.views.comparison import board_compared
from pipeline.views.filters import DAYS, advising, forecast_tab, menus, more
from salesorg.lib.past import opens_any_day
from salesorg.people.access import requires
from salesorg.people.roles import Action


@require_safe
@requires(Action.READ_RECORDS)
@opens_any_day
def board(request):
    """The whole board, or with ?column= the next cards of one stage."""
    selection = boards.selection_for(request.user, request.GET)
    may_move = request.user.may(Action.EDIT_DEALS) and not selection.day
    if request.GET.get("column"):
        column = request.GET["column"]
        key = column if column.isdecimal() and len(column) < 19 else None
        stage = get_object_or_404(Stage.objects.visible_to(request.user), pk=key)
        column = boards.more_cards(selection, stage, request.GET.get("after", ""))
        context = {"column": column, "selection": selection, "may_move": may_move}
        return render(request, "pipeline/_board_cards.html", context)
    if selection.compared:
        open_stages = [stage for stage in boards.stages_shown(selection) if stage.status == Status.OPEN]
        return board_compared(request, selection, open_stages, view_switch(selection))
    context = {
        "selection": selection,
        "columns": boards.columns(selection),
        "may_move": may_move,
        "chips": chips(selection),
        "later_menus": [
            (label, selection.get(name), f"{reverse('pipeline:board_choices', args=[name])}?{selection.query()}")
            for name, label in (("team", _("Team")), ("territory", _("Territory")), ("product", _("Product")))
        ],
        "more": more(selection, ranges=False, days=DAYS),
        "closed_days": boards.CLOSED_DAYS,
        "views": view_switch(selection),
    }
    return render(request, "pipeline/board.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def board_choices(request, name):
    """What one of the menus above the board offers, read only when it is opened."""
    offered = menus(boards.selection_for(request.user, request.GET), name)
    return render(request, "parts/menu_items.html", {"menu": offered[0] if offered else {"items": []}})


def chips(selection):
    """The quick filters above the board: which pipeline, where there are several, and whose deals."""
    owner = selection.get("owner")
    here = reverse("pipeline:board")
    pipelines = dict.fromkeys(stage.pipeline for stage in selection.stages_in_use)
    shown = boards.pipeline_shown(selection)
    ways = [
        {"label": str(each), "url": f"{here}?{selection.query(pipeline=each.pk, stage=None)}", "on": each.pk == shown}
        for each in pipelines
    ]
    return [
        *(ways if len(ways) > 1 else []),
        {"label": _("Mine"), "url": f"{here}?{selection.query(owner='me')}", "on": owner == "me"},
        {"label": _("Everyone's"), "url": f"{here}?{selection.query(owner=ANY)}", "on": owner == ANY},
        *([] if selection.day else [selection.chip(_("Rotting"), "age", "rotting")]),
    ]


def view_switch(selection):
    """Board or list of the same deals."""
    query = selection.query(owner=selection.get("owner"))
    return [
        {"label": _("Board"), "url": "?" + selection.query(), "current": True},
        {"label": _("List"), "url": f"{reverse('pipeline:deal_list')}?{query}", "current": False},
        *advising(selection.user),
        *forecast_tab(selection.user),
    ]
