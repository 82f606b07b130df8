"""Handoffs as a list and in figures: per pair of people or roles, each figure with its rows and its definition."""

from datetime import timedelta

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pipeline import waiting
from pipeline.reports.handoffs import definitions, figures, reasons
from pipeline.selections.handoffs import COUNTED, HandoffSelection
from pipeline.views.filters import menus
from salesorg.lib.pagination import page_of
from salesorg.lib.periods import month_of, quarter_of, year_of
from salesorg.people.access import requires
from salesorg.people.roles import Action

LISTED = ("waiting", "overdue", "accepted", "returned", "withdrawn", "disqualified")


@require_safe
@requires(Action.READ_RECORDS)
def handoff_list(request):
    """Handoffs by what became of them, people, roles, team and day of the offer."""
    selection = HandoffSelection(request.GET, user=request.user)
    rows = selection.handoffs().for_people()
    page = page_of(rows, ("-offered_at", "-pk"), request.GET.get("after", ""))
    waiting.with_clocks(page.rows)
    context = {
        "selection": selection,
        "page": page,
        "total": rows.count(),
        "chips": [selection.chip(COUNTED[name][0], "what", name) for name in LISTED],
        "menus": menus(selection, "team"),
        "words": selection.words,
    }
    return render(request, "pipeline/handoff_list.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def handoff_figures(request):
    """How handoffs go between people, between roles, in each pipeline or for each product (?by=), in a period."""
    today = request.user.today
    quarter, year = quarter_of(today), year_of(today)
    selection = HandoffSelection(
        request.GET, user=request.user, **({} if request.GET else {"first": year.start, "last": year.last_day})
    )
    by = selection.get("by") or "people"
    handoffs = selection.handoffs()
    total, pairs = figures(handoffs, by)
    base = {"by": None, "what": None, "first": selection.get("first") or None, "last": selection.get("last") or None}
    page = reverse("pipeline:handoff_list")

    def rows_of(row, what):
        return f"{page}?{selection.query(**base | row.query | {'what': what})}"

    periods = [
        (_("This month"), month_of(today)),
        (_("This quarter"), quarter),
        (_("Last quarter"), quarter_of(quarter.start - timedelta(days=1))),
        (_("This year"), year),
    ]
    for row in (total, *pairs):
        row.links = {name: rows_of(row, name) for name in ("offered", "accepted", "returned", "waiting", "decided", "contacted")}
        row.links |= {name: rows_of(row, name) for name in ("won", "closed", "kept", "churned")}
    context = {
        "selection": selection,
        "by": by,
        "total": total,
        "pairs": pairs,
        "why": definitions(total),
        "reasons": [(words, count, f"{page}?{selection.query(**base, reason=words)}") for words, count in reasons(handoffs)],
        "views": [
            {"label": _("By people"), "url": "?" + selection.query(by=None), "current": by == "people"},
            {"label": _("By roles"), "url": "?" + selection.query(by="roles"), "current": by == "roles"},
            {"label": _("By pipeline"), "url": "?" + selection.query(by="pipelines"), "current": by == "pipelines"},
            {"label": _("By product"), "url": "?" + selection.query(by="products"), "current": by == "products"},
        ],
        "chips": [_period_chip(selection, label, period) for label, period in periods],
        "menus": menus(selection, "team"),
    }
    return render(request, "pipeline/handoff_figures.html", context)


def _period_chip(selection, label, period):
    on = (selection.get("first"), selection.get("last")) == (period.start, period.last_day)
    return {"label": label, "url": "?" + selection.query(first=period.start, last=period.last_day), "on": on}
