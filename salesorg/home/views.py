"""Search, the command menu, and the page of patterns."""

from django.conf import settings
from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from salesorg.home.commands import commands_for
from salesorg.home.patterns import sample_context
from salesorg.lib.http import wants_json
from salesorg.lib.search import answers_by_index
from salesorg.lib.search import search as find
from salesorg.people.roles import Action


@require_safe
@answers_by_index
def search(request):
    """What the one search box finds: a page, a fragment of it while typing, or JSON for the command menu."""
    text = request.GET.get("q", "").strip()[:200]
    groups = find(request.user, text)
    if wants_json(request):
        return JsonResponse({"groups": [{"kind": str(kind), "hits": [hit_json(hit) for hit in hits]} for kind, hits in groups]})
    context = {"text": text, "groups": groups}
    return render(request, "parts/search_results.html" if request.htmx.target == "results" else "home/search.html", context)


def hit_json(hit):
    return {"title": str(hit.title), "detail": str(hit.detail), "url": hit.url, "icon": hit.icon}


@require_safe
def commands(request):
    """The commands that work on every page for this person."""
    return JsonResponse({"commands": commands_for(request.user)})


@require_safe
def style(request):
    """Every component in use, to look at and to copy from."""
    if not (settings.DEBUG or request.user.may(Action.EDIT_SETTINGS)):
        raise Http404
    return render(request, "home/style.html", sample_context())
