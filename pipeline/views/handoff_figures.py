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
from salesorg.lib.past import opens_any_day
from salesorg.lib.periods import month_of, quarter_of, year_of
from salesorg.people.access import requires
from salesorg.people.roles import Action

LISTED = ("waiting", "overdue", "accepted", "returned", "withdrawn", "disqualified")
LINKED = ("offered", "accepted", "returned", "waiting", "decided", "contacted", "won", "closed", "kept", "churned")


@require_safe
@requires(Action.READ_RECORDS)
@opens_any_day
def handoff_list(request):
    """Handoffs by what became of them, people, roles, team and day of the offer."""
    selection = HandoffSelection(request.GET, user=request.user)
    rows = selection.handoffs().for_people()
    page = page_of(rows, ("-offered_at", "-pk"), request.GET.get("after", ""))
    waiting.with_clocks(selection.as_they_stood(page.rows), selection.moment if selection.day else None)
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
@opens_any_day
def handoff_figures(request):
    """How handoffs go between people, between roles, in each pipeline or for each product (?by=), in a period."""
    year = year_of(request.user.today)
    unless_asked = {} if request.GET else {"first": year.start, "last": year.last_day}
    selection = HandoffSelection(request.GET, user=request.user, **unless_asked)
    by = selection.get("by") or "people"
    handoffs = selection.handoffs()
    total, pairs = figures(handoffs, by, selection)
    for row in (total, *pairs):
        row.links = {what: _rows_url(selection, **row.query, what=what) for what in LINKED}
    context = {
        "selection": selection,
        "by": by,
        "total": total,
        "pairs": pairs,
        "why": definitions(total),
        "reasons": [(words, count, _rows_url(selection, reason=words)) for words, count in reasons(handoffs, selection)],
        "views": _views(selection, by),
        "chips": _period_chips(selection, selection.day or request.user.today),
        "menus": menus(selection, "team"),
    }
    return render(request, "pipeline/handoff_figures.html", context)


def _rows_url(selection, **narrowed):
    """The list of exactly the handoffs that a figure counts; a period left empty stays empty there."""
    period = {"first": selection.get("first") or None, "last": selection.get("last") or None}
    return f"{reverse('pipeline:handoff_list')}?{selection.query(**{'by': None, 'what': None} | period | narrowed)}"


def _views(selection, by):
    labels = {"people": _("By people"), "roles": _("By roles"), "pipelines": _("By pipeline"), "products": _("By product")}
    return [
        {"label": label, "url": "?" + selection.query(by=None if view == "people" else view), "current": by == view}
        for view, label in labels.items()
    ]


def _period_chips(selection, today):
    quarter = quarter_of(today)
    periods = [
        (_("This month"), month_of(today)),
        (_("This quarter"), quarter),
        (_("Last quarter"), quarter_of(quarter.start - timedelta(days=1))),
        (_("This year"), year_of(today)),
    ]
    chosen = (selection.get("first"), selection.get("last"))
    return [
        {
            "label": label,
            "url": "?" + selection.query(first=period.start, last=period.last_day),
            "on": chosen == (period.start, period.last_day),
        }
        for label, period in periods
    ]
