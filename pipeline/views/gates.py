"""The gates as people meet them: a sentence ticked on a deal, and the list of deals that went on without."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pipeline.models import Criterion, Deal, Pipeline
from pipeline.selections.overrides import OverrideSelection
from pipeline.services import tick
from salesorg.lib.http import toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.roles import Action

ORDER = ("-at", "-pk")


@require_POST
@requires(Action.EDIT_DEALS)
def deal_tick(request, pk, criterion):
    """Tick a sentence of the checklist on a deal (ticked=1), or take the tick away."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user), pk=pk)
    criterion = get_object_or_404(Criterion.objects.visible_to(request.user), pk=criterion, stage__pipeline=deal.pipeline_id)
    ticked = request.POST.get("ticked") == "1"
    tick(deal=deal, criterion=criterion, ticked=ticked, actor=request.user)
    text = _("Ticked: %(criterion)s") if ticked else _("No longer ticked: %(criterion)s")
    to = f"{deal.get_absolute_url()}#criteria"
    return toast(request, text % {"criterion": criterion}, undo=undo_url(request), to=to)


@require_safe
@requires(Action.REVIEW_PIPELINE)
def override_list(request):
    """Deals that went on without an exit criterion: who let them, which criterion, why and when; the latest first."""
    selection = OverrideSelection(request.GET, user=request.user)
    found = selection.overrides()
    rows = found.select_related("deal", "from_stage", "to_stage", "user")
    pipelines = list(Pipeline.objects.visible_to(request.user).values_list("pk", "name"))
    context = {
        "selection": selection,
        "page": page_of(rows, ORDER, request.GET.get("after", "")),
        "total": found.count(),
        "menus": [selection.menu(_("Pipeline"), "pipeline", pipelines)] if len(pipelines) > 1 else [],
        "fields": [selection["since"], selection["until"]],
        "hidden": selection.besides("by", "by__text", "since", "until"),
        "more_on": any(selection.get(name) for name in ("by", "since", "until")),
        "person": selection.get("by"),
        "people_url": reverse("people:person_lookup"),
    }
    return render(request, "pipeline/override_list.html", context)
