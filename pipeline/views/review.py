"""The pipeline review: what a manager goes through on a Monday, top to bottom."""

from urllib.parse import urlencode

from django.shortcuts import render
from django.views.decorators.http import require_safe

from pipeline.selections.review import ReviewSelection
from pipeline.views.filters import menus, more
from pipeline.views.forecasts import frame, what_is_said
from salesorg.lib.past import opens_any_day
from salesorg.people.access import requires
from salesorg.people.roles import Action


@require_safe
@requires(Action.REVIEW_PIPELINE)
@opens_any_day
def pipeline_review(request):
    """The call beside the roll-up. What changed, who needs help, the people and the conversion come by themselves."""
    selection = ReviewSelection(request.GET, user=request.user)
    framed = frame(request, selection)
    query = selection.query()
    context = (
        framed
        | what_is_said(selection)
        | {
            "query": query,
            "funnel_query": selection.query(period=None, starting=None, changed=None),
            "call_url": framed["call_url"] and f"{framed['call_url']}&{urlencode({'next': f'{request.path}?{query}'})}",
            "menus": [*framed["menus"], selection.changed_menu(), *menus(selection, "pipeline")],
            "more": more(selection, ranges=False),
        }
    )
    return render(request, "pipeline/review.html", context)
