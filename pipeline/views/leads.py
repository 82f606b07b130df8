"""Leads as a list and one by one."""

from decimal import Decimal

from django.db.models import Count
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.timeline import planned, timeline
from pipeline.columns import lead_listing
from pipeline.models import Arrival, Deal, Lead
from pipeline.reports.lead_fit import fit_of, in_words, rules_for
from pipeline.selections.leads import LeadSelection
from pipeline.services.response import answered_at
from pipeline.views.filters import menus
from pipeline.views.lead_figures import lead_tabs
from pipeline.visible import visible_accounts
from salesorg.lib.past import opens_any_day
from salesorg.people.access import requires
from salesorg.people.roles import Action

ASKED = ("sdr", "seller", "first_from", "first_to", "as_of")  # in the form of the last menu
ARRIVALS = 20


@require_safe
@requires(Action.READ_RECORDS)
@opens_any_day
def lead_list(request):
    """Leads by source, landing page, outcome, people and day of first contact."""
    selection = LeadSelection(request.GET, user=request.user)
    leads = selection.leads()
    parts = ("account", "source", "sdr", "seller", "deal")
    listing = lead_listing(selection)
    page = listing.page(leads.select_related(*parts), request.GET)
    selection.as_they_stood(page.rows)
    context = listing.context(page, {}) | {
        "selection": selection,
        "outcomes": outcomes(leads, selection),
        "chips": chips(selection),
        "tabs": lead_tabs("list", selection),
        "menus": menus(selection, "source", "landing_page"),
        "fields": [selection[name] for name in ASKED],
        "hidden": selection.besides(*ASKED),
        "may_work": request.user.may(Action.EDIT_DEALS) and not selection.day,
        "more_on": any(selection.get(name) for name in ASKED),
    }
    return render(request, "pipeline/lead_list.html", context)


def outcomes(leads, selection):
    """How many leads there are, how many became won deals, and the share of these."""
    counted = leads.order_by().aggregate(total=Count("pk"), won=Count("pk", filter=selection.won))
    total, won = counted["total"], counted["won"]
    return {"total": total, "won": won, "rate": Decimal(won) / total if total else None}


def chips(selection):
    """The quick filters above the list."""
    outcome, mine = selection.get("outcome"), selection.get("mine")

    def chip(label, on, **changes):
        return {"label": label, "url": "?" + selection.query(**changes), "on": on}

    return [
        chip(_("All"), not outcome, outcome=None),
        *(chip(label, outcome == kind, outcome=kind) for kind, label in [*Lead.Outcome.choices, ("won", _("Won"))]),
        chip(_("Mine"), mine == "1", mine=None if mine == "1" else "1"),
        chip(_("Nobody's"), mine == "0", mine=None if mine == "0" else "0"),
    ]


@require_safe
@requires(Action.READ_RECORDS)
def lead_detail(request, pk):
    """Where a lead came from, what was asked, who works it, what was done at the account and what became of it."""
    parts = ("account", "contact", "source", "campaign", "sdr", "seller", "deal", "deal__stage", "reason")
    lead = get_object_or_404(Lead.objects.visible_to(request.user).select_related(*parts), pk=pk)
    account_visible = bool(visible_accounts(request.user, [lead.account_id]))
    score = fit_of(lead, rules_for(request.user))
    context = {
        "lead": lead,
        "account": lead.account,
        "answered": answered_at(lead) if lead.respond_by else None,
        "fit": score,
        "fit_reasons": in_words(score.reasons) if score else [],
        "arrivals": Arrival.objects.visible_to(request.user).filter(lead=lead).select_related("source")[:ARRIVALS],
        "account_visible": account_visible,
        "timeline": timeline(request.user, lead.account) if account_visible else None,
        "planned": planned(request.user, account=lead.account) if account_visible else [],
        "may_log": request.user.may(Action.LOG_ACTIVITY),
        "may_work": request.user.may(Action.EDIT_DEALS),
        "may_assign": request.user.may(Action.REASSIGN),
        "deal_visible": bool(lead.deal_id) and Deal.objects.visible_to(request.user).filter(pk=lead.deal_id).exists(),
    }
    return render(request, "pipeline/lead_detail.html", context)
