"""Proposals: their list, one of them with its versions, and writing them, on a phone too."""

from django.db.models import Case, Prefetch, Q, SmallIntegerField, When
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pipeline.engine.pricing import discount_of
from pipeline.forms.proposals import BaseLineFormSet, LineFormSet, ProposalForm
from pipeline.models import Approval, Deal, LineCost, Order, Product, Proposal, ProposalLine, ProposalVersion, Stage
from pipeline.selections.proposals import ProposalSelection
from pipeline.services.approvals import limit_of, may_decide
from pipeline.services.order_prices import open_of
from pipeline.services.proposals import (
    MOST_LINES,
    copied,
    cost_and_margin,
    create_proposal,
    discard,
    make_primary,
    price_lines,
    save_proposal,
    standing_of,
    take_into_deal,
)
from pipeline.services.sending import public_address
from pipeline.views.products import tabs
from salesorg.lib.errors import DomainError
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.lib.templatetags.salesorg import figure
from salesorg.people.access import requires
from salesorg.people.roles import Action

TONES = {
    "accepted": "good", "approved": "good", "rejected": "bad", "waiting": "warn", "expired": "warn",
    "sent": "info", "opened": "info",
}  # fmt: skip
SHOWN = 20  # versions of a proposal, proposals of a deal
ROW = ("proposal", "deal", "deal__account", "author", "sent_by")


@require_safe
@requires(Action.READ_RECORDS)
def proposal_list(request):
    """Proposals in their latest version, by filters of the address."""
    selection = ProposalSelection(request.GET, user=request.user)
    page = page_of(selection.proposals().select_related(*ROW), ("-pk",), request.GET.get("after", ""))
    states = (("", _("All")), ("draft", _("Drafts")), ("sent", _("Sent")), ("opened", _("Opened")), ("accepted", _("Accepted")))
    states += (("rejected", _("Rejected")), ("expired", _("Expired")), ("mine", _("For me to approve")))
    now = selection.get("state")
    context = {
        "tabs": tabs("list"),
        "selection": selection,
        "page": with_states(page, request.user.today),
        "chips": [
            {"label": label, "url": "?" + selection.query(state=state or None), "on": now == state}
            for state, label in states
            if state != "mine" or request.user.scope.led_teams
        ],
    }
    return render(request, "pipeline/proposal_list.html", context)


def with_states(page, today):
    """Each row with its state as people know it."""
    for version in page.rows:
        note_state(version, today)
    return page


def note_state(version, today):
    version.code, version.words = version.state_on(today)
    version.tone = TONES.get(version.code, "")
    return version


@require_safe
@requires(Action.READ_RECORDS)
def proposal_detail(request, pk):
    """One proposal: what it says, what it comes to step by step, and what may be done next."""
    user = request.user
    proposal = get_object_or_404(Proposal.objects.visible_to(user).select_related("deal__account", "deal__owner"), pk=pk)
    kept = ProposalVersion.objects.visible_to(user).filter(proposal=proposal).select_related("author", "sent_by")
    versions = [note_state(each, user.today) for each in kept.order_by("-number")[:SHOWN]]
    version = version_asked(versions, request.GET.get("version"))
    version.deal, version.proposal = proposal.deal, proposal
    costs = LineCost.objects.visible_to(user).filter(line__version=version)
    lines = list(ProposalLine.objects.visible_to(user).filter(version=version).order_by("position"))
    approvals = list(Approval.objects.visible_to(user).filter(version=version).select_related("asked_by", "decided_by"))
    waiting = next((each for each in approvals if each.state == Approval.State.WAITING), None)
    limit = limit_of(user, user.today) if version.is_writable else None
    cost, margin = cost_and_margin(costs)
    context = {
        "proposal": proposal,
        "version": version,
        "versions": versions,
        "lines": lines,
        "costs": {each.line_id: each for each in costs},
        "cost": cost,
        "margin": margin,
        "sees_margin": user.may(Action.SEE_MARGIN),
        "approvals": approvals,
        "waiting": waiting if waiting and may_decide(waiting, user, user.today) else None,
        "limit": limit,
        "above": limit is not None and version.code != "approved" and version.discount_percent > limit,
        "may_edit": user.may(Action.EDIT_DEALS) and proposal.deal.is_open,
        "address": public_address(version) if version.token and version.code != "withdrawn" else "",
        "won": won_stage(user, proposal.deal) if version.code == "accepted" else None,
    } | ordered_context(user, version, lines)
    return render(request, "pipeline/proposal_detail.html", context)


def ordered_context(user, version, lines):
    """Of an accepted version: what of each line is still to be ordered, and the orders that came of it."""
    if version.code != "accepted":
        return {}
    left = {line.pk: left for line, _before, left in open_of(version)}
    for line in lines:
        line.left = left.get(line.pk)
    orders = Order.objects.visible_to(user).filter(agreed=version)[:SHOWN]
    return {"orders": orders, "may_order": any(left.values()) and user.may(Action.TAKE_ORDERS)}


def version_asked(versions, number):
    """The version that the address asks for, else the latest."""
    if not number:
        return versions[0]
    found = next((each for each in versions if str(each.number) == number), None)
    if found is None:
        raise Http404
    return found


def won_stage(user, deal):
    """The stage that an open deal goes to when it is won."""
    stages = Stage.objects.visible_to(user).in_use().filter(pipeline=deal.pipeline_id, status="won")
    return stages.order_by("position").first() if deal.is_open and user.may(Action.EDIT_DEALS) else None


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def proposal_new(request, pk):
    """Write another proposal about a deal, from nothing or from the lines of one there is (?copy=)."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user).select_related("account"), pk=pk)
    source = copied_from(request)
    first = ProposalForm.first(deal, request.user.today)
    if source:
        first |= {name: getattr(source, name) for name in ("currency", "intro", "terms", "discount")}
    lines = BaseLineFormSet.initial_of(copied(source)) if source else []
    form, formset = bound(request, first, lines)
    if is_saved(request) and form.is_valid() & formset.is_valid():
        with refusal_shown_in(form):
            version = create_proposal(deal=deal, lines=formset.wanted(), actor=request.user, **form.cleaned_data)
            return saved(request, version)
    context = {"deal": deal, "back": deal.get_absolute_url(), "copied": source and source.proposal_id}
    return ask(request, form, formset, title=_("New proposal"), sources=sources_of(request.user, deal), **context)


def sources_of(user, deal):
    """Proposals one may begin with: of this deal, of its customer, and those one wrote last."""
    near = Q(deal=deal) | Q(author=user) | (Q(deal__account=deal.account_id) if deal.account_id else Q())
    found = ProposalVersion.objects.visible_to(user).latest().filter(near).select_related("proposal", "deal__account")
    this_deal_first = Case(When(deal=deal, then=0), default=1, output_field=SmallIntegerField())
    return found.order_by(this_deal_first, "-proposal")[:SHOWN]


def copied_from(request):
    """The latest version of the proposal that the address names, if one may see it."""
    number = request.GET.get("copy", "").upper().removeprefix("P-")
    if not number.isdecimal() or len(number) > 18:
        return None
    return ProposalVersion.objects.visible_to(request.user).latest().filter(proposal=number).first()


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def proposal_edit(request, pk):
    """Change a draft, or write the next version of what was sent."""
    proposal = get_object_or_404(Proposal.objects.visible_to(request.user).select_related("deal__account"), pk=pk)
    version = ProposalVersion.objects.visible_to(request.user).latest().get(proposal=proposal)
    first = {name: getattr(version, name) for name in ("currency", "valid_until", "delivery_on", "intro", "terms", "discount")}
    form, formset = bound(request, first | {"name": proposal.name}, BaseLineFormSet.initial_of(copied(version)))
    if is_saved(request) and form.is_valid() & formset.is_valid():
        with refusal_shown_in(form):
            facts = {"lines": formset.wanted(), "seen": request.POST.get("seen", ""), "actor": request.user}
            return saved(request, save_proposal(proposal=proposal, **facts, **form.cleaned_data))
    title = _("Change %(what)s") if version.is_writable else _("Next version of %(what)s")
    context = {"deal": proposal.deal, "back": proposal.get_absolute_url(), "seen": standing_of(version)}
    return ask(request, form, formset, title=title % {"what": proposal.number}, **context)


def bound(request, first, lines):
    """The form of a proposal and those of its lines, filled with what was typed or with what stands there first."""
    data = request.POST if request.method == "POST" else None
    if data and not is_saved(request):
        data = with_another_line(data)
    form = ProposalForm(data, initial=first)
    keys = [line["product"] for line in lines] + [value for name, value in request.POST.items() if name.endswith("-product")]
    asked = {str(key) for key in keys if str(key).isdecimal() and len(str(key)) < 18}
    names = dict(Product.objects.visible_to(request.user).filter(pk__in=asked).values_list("pk", "name")) if asked else {}
    known = {"user": request.user, "names": {str(pk): name for pk, name in names.items()}}
    return form, LineFormSet(data, initial=lines, prefix="line", form_kwargs=known)


def is_saved(request):
    """Whether what was typed is to be saved. Where no script adds lines, the server is asked for one more."""
    return request.method == "POST" and request.POST.get("then") != "another"


def with_another_line(data):
    """What was typed, with room for one line more."""
    count = data.get("line-TOTAL_FORMS", "")
    data = data.copy()
    if count.isdecimal() and len(count) < 4:
        data["line-TOTAL_FORMS"] = min(int(count), MOST_LINES) + 1
    return data


def saved(request, version):
    text = _("%(number)s saved: %(percent)s%% discount in all") % {
        "number": version.proposal.number,
        "percent": figure(version.discount_percent),
    }
    return toast(request, text, undo=undo_url(request), to=version.proposal.get_absolute_url())


def ask(request, form, formset, **context):
    context |= {"form": form, "formset": formset}
    return render(request, "pipeline/proposal_form.html", context, status=422 if is_saved(request) else 200)


@require_POST
@requires(Action.EDIT_DEALS)
def proposal_price(request, pk):
    """What the lines typed so far come to. Nothing is saved."""
    get_object_or_404(Deal.objects.visible_to(request.user), pk=pk)
    form, formset = bound(request, {}, [])
    context = {}
    if form.is_valid() & formset.is_valid() and (wanted := formset.wanted()):
        currency = form.cleaned_data["currency"]
        try:
            rows, found = price_lines(wanted, currency, form.cleaned_data["discount"], request.user.today)
        except DomainError as error:
            context = {"refused": str(error)}
        else:
            percent = discount_of(found.list_total, found.net)
            limit = limit_of(request.user, request.user.today)
            context = {"rows": rows, "found": found, "currency": currency, "percent": percent, "above": percent > limit}
            context |= {"limit": limit, "sees_margin": request.user.may(Action.SEE_MARGIN)}
    return render(request, "pipeline/_proposal_sums.html", context)


@require_POST
@requires(Action.EDIT_DEALS)
def proposal_primary(request, pk):
    """Let this proposal stand for the deal."""
    proposal = get_object_or_404(Proposal.objects.visible_to(request.user), pk=pk)
    make_primary(proposal=proposal, actor=request.user)
    text = _("%(number)s is the deal's primary now") % {"number": proposal.number}
    return toast(request, text, undo=undo_url(request), to=proposal.get_absolute_url())


@require_POST
@requires(Action.EDIT_DEALS)
def proposal_take(request, pk):
    """Make the net of the primary proposal the deal's amount."""
    proposal = get_object_or_404(Proposal.objects.visible_to(request.user), pk=pk)
    deal = take_into_deal(proposal=proposal, actor=request.user)
    text = _("The deal's amount is that of %(number)s now") % {"number": proposal.number}
    return toast(request, text, undo=undo_url(request), to=deal.get_absolute_url())


@require_POST
@requires(Action.EDIT_DEALS)
def proposal_discard(request, pk):
    """Give a draft up."""
    proposal = get_object_or_404(Proposal.objects.visible_to(request.user), pk=pk)
    discard(proposal=proposal, actor=request.user)
    text = _("%(number)s is given up") % {"number": proposal.number}
    return toast(request, text, undo=undo_url(request), to=proposal.get_absolute_url())


@require_safe
@requires(Action.READ_RECORDS)
def deal_proposals(request, pk):
    """The proposals of a deal, for its page."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user), pk=pk)
    latest = ProposalVersion.objects.visible_to(request.user).latest()
    proposals = Proposal.objects.visible_to(request.user).filter(deal=deal)
    found = list(proposals.order_by("-is_primary", "-pk").prefetch_related(Prefetch("versions", latest, "now"))[:SHOWN])
    for each in found:
        each.latest = note_state(each.now[0], request.user.today)
    primary = next((each for each in found if each.is_primary), None)
    differs = primary and deal.is_open and (primary.latest.net, primary.latest.currency) != (deal.amount, deal.currency)
    may_edit = request.user.may(Action.EDIT_DEALS) and deal.is_open
    context = {"deal": deal, "proposals": found, "may_edit": may_edit, "take": primary if differs and may_edit else None}
    return render(request, "pipeline/_deal_proposals.html", context)
