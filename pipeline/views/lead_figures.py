"""What came of leads: by source, by landing page, by pair of SDR and seller; every figure leads to its rows."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from pipeline.reports.leads import conversions, pairs
from pipeline.selections.leads import LeadSelection
from pipeline.views.filters import menus
from salesorg.lib.past import opens_any_day
from salesorg.people.access import requires
from salesorg.people.models import User
from salesorg.people.roles import Action

SHOWN = 25  # rows of a table before one asks for all of them
TABS = (
    ("queue", gettext_lazy("Queue"), "pipeline:lead_queue"),
    ("list", gettext_lazy("List"), "pipeline:lead_list"),
    ("lists", gettext_lazy("Prospects"), "pipeline:prospect_lists"),
    ("figures", gettext_lazy("Figures"), "pipeline:lead_figures"),
    ("campaigns", gettext_lazy("Campaigns"), "pipeline:campaign_list"),
    ("sources", gettext_lazy("Sources"), "pipeline:source_list"),
)
DAYS = ("first_from", "first_to", "as_of")
MOST = 2_000  # rows of a table, asked for or not


@require_safe
@requires(Action.READ_RECORDS)
@opens_any_day
def lead_figures(request):
    """Conversion and time to win of the leads that the filters of the address leave."""
    selection = LeadSelection(request.GET, user=request.user)
    leads = selection.leads()
    by_source = conversions(leads, "source_id", "source__name", selection)
    context = {
        "selection": selection,
        "tabs": lead_tabs("figures", selection),
        "menus": menus(selection, "source", "team"),
        "days": [selection[name] for name in DAYS],
        "hidden": selection.besides(*DAYS),
        "tables": [
            _table(request, selection, "source", _("By source"), _("Source"), by_source),
            _table(
                request, selection, "landing_page", _("By landing page"), _("Landing page"),
                conversions(leads, "landing_page", "landing_page", selection),
            ),
        ],
        "together": _row(selection, {}, _("Together"), *_added(by_source)),
        "pairs": _pairs(request, selection, pairs(leads, selection)),
    }  # fmt: skip
    return render(request, "pipeline/lead_figures.html", context)


def lead_tabs(current, selection=None):
    """The pages about leads, to switch between."""
    query = f"?{selection.query()}" if selection and selection.query() else ""
    return [
        {"label": label, "url": reverse(name) + (query if key in {"list", "figures"} else ""), "current": key == current}
        for key, label, name in TABS
    ]


def _table(request, selection, name, title, head, found):
    every = request.GET.get("all") == name
    shown = found[: MOST if every else SHOWN]
    return {
        "name": name,
        "title": title,
        "head": head,
        "rows": [
            _row(
                selection, {name: each.key}, each.name or _("none noted"), each.leads, each.qualified, each.disqualified, each.won
            )
            for each in shown
        ],
        "count": len(found),
        "more": len(found) - len(shown),
    }


def _row(selection, only, name, leads, qualified, disqualified, won):
    """A row of figures, each with the address of its leads; a landing page that was not noted has none."""
    linked = all(value != "" for value in only.values())

    def to(**more):
        return f"{reverse('pipeline:lead_list')}?{selection.query(**only, **more)}" if linked else ""

    cells = (
        (leads, to()),
        (qualified, to(outcome="qualified")),
        (disqualified, to(outcome="disqualified")),
        (won, to(outcome="won")),
    )
    return {"name": name, "url": to(), "cells": cells, "rate": won / leads if leads else None}


def _added(found):
    return [sum(getattr(each, name) for each in found) for name in ("leads", "qualified", "disqualified", "won")]


def _pairs(request, selection, found):
    shown = found[: MOST if request.GET.get("all") == "pairs" else SHOWN]
    people = User.objects.visible_to(request.user).in_bulk({pk for pair in shown for pk in (pair.sdr, pair.seller)})
    return {
        "rows": [
            {
                "sdr": people[pair.sdr],
                "seller": people[pair.seller],
                "pair": pair,
                "url": f"{reverse('pipeline:lead_list')}?{selection.query(sdr=pair.sdr, seller=pair.seller, outcome='won')}",
            }
            for pair in shown
        ],
        "count": len(found),
        "won": sum(pair.won for pair in found),
        "more": len(found) - len(shown),
    }
