"""The middle and the right of the review: what changed since a day, and the deals that need help most, each with its reasons."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pipeline.engine import needing_help as engine
from pipeline.engine.waterfall import PUSHED_OUT
from pipeline.models import Status
from pipeline.reports.changes import Changes
from pipeline.reports.needing_help import deals_in_need
from pipeline.selections.review import ReviewSelection
from pipeline.views.changes import Page
from pipeline.views.forecasts import name_of
from pipeline.views.spans import Span
from salesorg.lib.templatetags.salesorg import day
from salesorg.people.access import requires
from salesorg.people.roles import Action


@require_safe
@requires(Action.REVIEW_PIPELINE)
def review_week(request):
    """What came and went in the open pipeline of the period since a day; and of today, the deals that need help."""
    selection = ReviewSelection(request.GET, user=request.user)
    currency = request.user.organisation.currency
    changes = changes_of(request.GET, selection)
    page = Page(changes, currency, address_of(selection))
    found = changes.of(currency)
    slipped = [change.deal for change in found if change.cause == PUSHED_OUT]
    context = {
        "selection": selection,
        "currency": currency,
        "bars": page.bars(found),
        "has_changes": bool(found),
        "changes_url": page.address(),
        "then_url": f"{reverse('pipeline:review')}?{selection.query(as_of=selection.since.isoformat(), changed=None)}",
        "others": [code for code in changes.currencies if code != currency],
        "needs": None if selection.day else needs_of(selection, currency, slipped),
        "rotting_url": f"{reverse('pipeline:deal_list')}?{list_query(selection, age='rotting')}",
        "now_url": f"{reverse('pipeline:review')}?{selection.query(as_of=None)}",
    }
    return render(request, "pipeline/_review_week.html", context)


def changes_of(data, selection):
    """What changed in the open deals of the selection that are to close in its period, since its day."""
    days = selection.days
    return Changes(
        data, user=selection.user, since=selection.since, until=selection.today,
        span_of=lambda _each: Span("", days.start, days.last_day),
        status=Status.OPEN, team=selection.get("team"), owner=selection.get("owner"), known=selection,
    )  # fmt: skip


def address_of(selection):
    """The filters with which the page of what changed shows the same."""
    who = {name: getattr(selection.get(name), "pk", selection.get(name)) for name in ("team", "owner", "pipeline", "product")}
    days = {"since": selection.since, "until": selection.day} if selection.day else {"days": selection.get("changed")}
    period = selection.days
    closing = (
        {"close_from": period.start, "close_to": period.last_day}
        if selection.get("starting")
        else {"period": selection.get("period")}
    )
    return {name: value for name, value in (who | days | closing).items() if value}


def list_query(selection, **filters):
    """The query string of the list of open deals of the same people."""
    team = selection.get("team") or None
    kept = {"team": team, "owner": selection.person, "status": Status.OPEN, "period": None, "starting": None, "changed": None}
    return selection.query(**kept | filters)


def needs_of(selection, currency, slipped):
    """The deals that need help most, each with its reasons in words."""
    found = deals_in_need(selection, selection.days, currency, slipped)
    return [{"deal": deal, "reasons": [said(reason, deal, selection) for reason in need.reasons]} for deal, need in found]


def said(reason, deal, selection):
    """A reason in words."""
    stage = next(stage for stage in selection.stages if stage.pk == deal.stage_id)
    words = {
        engine.PAST: lambda: ngettext("Close date passed %(n)s day ago", "Close date passed %(n)s days ago", reason.days),
        engine.SLIPPED: lambda: _("Slipped out of %(period)s since %(day)s"),
        engine.PUSHED: lambda: _("Close date pushed %(times)s times, from %(first)s to %(last)s"),
        engine.ROTTING: lambda: _("%(n)s days in %(stage)s, where nine of ten leave within %(most)s"),
        engine.QUIET: lambda: (
            _("Forecast as commit, yet no contact for %(n)s days")
            if reason.days is not None
            else _("Forecast as commit, yet no contact was ever logged")
        ),
        engine.NO_STEP: lambda: _("No next step"),
        engine.LATE_STEP: lambda: _("Next step %(n)s days late"),
    }[reason.kind]()
    first, last = (day(reason.pushes[0][0]), day(reason.pushes[-1][1])) if reason.pushes else ("", "")
    return words % {
        "n": reason.days, "period": name_of(selection), "day": day(selection.since), "times": len(reason.pushes),
        "first": first, "last": last, "stage": stage.name, "most": stage.pace.most,
    }  # fmt: skip
