"""Which proposal wins: by seller, product, discount and number of versions; every figure leads to its proposals."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pipeline.reports.proposals import by_band, by_product, by_seller, by_versions, reasons, together
from pipeline.selections.proposals import CAME, ProposalSelection, band_words
from pipeline.views.products import tabs
from salesorg.people.access import requires
from salesorg.people.roles import Action

SHOWN = 25  # rows of a table


@require_safe
@requires(Action.READ_RECORDS)
def proposal_figures(request):
    """What became of the proposals that the filters of the address leave."""
    selection = ProposalSelection(request.GET, user=request.user)
    versions = selection.counted()
    sums = together(versions)
    tables = [
        (_("By seller"), [(name, {"seller": key}, row) for key, name, row in by_seller(versions)]),
        (_("By product"), [(name, {"product": key}, row) for key, name, row in by_product(versions)]),
        (_("By discount in all"), [(band_words(key), {"band": key}, row) for key, row in by_band(versions)]),
        (_("By number of versions"), [(_words(number), {"versions": number}, row) for number, row in by_versions(versions)]),
    ]
    context = {
        "tabs": tabs("figures"),
        "selection": selection,
        "days": [selection["sent_from"], selection["sent_to"]],
        "hidden": selection.besides("sent_from", "sent_to"),
        "together": _row(selection, _("Together"), {}, sums),
        "tables": [(title, [_row(selection, *each) for each in rows[:SHOWN]]) for title, rows in tables],
        "reasons": [
            (reason, times, _url(selection, came="rejected", reason=reason)) for reason, times in reasons(versions)[:SHOWN]
        ],
    }
    return render(request, "pipeline/proposal_figures.html", context)


def _words(number):
    return ngettext("%(n)d version", "%(n)d versions", number) % {"n": number}


def _row(selection, name, only, row):
    cells = [(row[what], _url(selection, came=what, **only)) for what in CAME]
    decided = row["accepted"] + row["rejected"]
    return {"name": name, "cells": cells, "rate": row["accepted"] / decided if decided else None}


def _url(selection, **only):
    return f"{reverse('pipeline:proposal_list')}?{selection.query(state=None, **only)}"
