"""What every page needs around its content: the navigation for this person, the layout, the request id."""

from salesorg.home.navigation import LOG, current_place, groups_for, phone_places


def shell(request):
    """Context of base.html. Also runs for error pages, so it must not need a signed-in user."""
    context = {
        # Pages of one record `{% extends layout %}`: the same page whole, or inside the side panel of a list.
        "layout": "panel.html" if is_for_panel(request) else "base.html",
        "request_id": getattr(request, "context_id", ""),
    }
    user = getattr(request, "user", None)
    # A fragment has no navigation; most answers to htmx are fragments, and the user's scope costs queries.
    if user is None or not user.is_authenticated or getattr(request, "htmx", False):
        return context
    groups = groups_for(user)
    return context | {
        "knows_only_today": bool(request.GET.get("as_of")) and not opens_any_day(request),
        "nav_groups": groups,
        "nav_phone": phone_places(groups),
        "nav_log": LOG if LOG.is_for(user) else None,
        "nav_current": current_place(groups, request.path, request.META.get("QUERY_STRING", "")),
    }


def is_for_panel(request):
    htmx = getattr(request, "htmx", None)
    return bool(htmx) and htmx.target == "panel-body"


def opens_any_day(request):
    """Whether the page shows the past day of its address (salesorg.lib.past)."""
    return request.resolver_match is not None and getattr(request.resolver_match.func, "opens_any_day", False)
