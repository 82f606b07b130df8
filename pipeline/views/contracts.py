"""Contracts as a list and one by one: making one from a won deal, amending, cancelling; panels on deal and account pages."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Account
from pipeline.forms.contracts import AmendForm, CancelForm, ContractForm
from pipeline.models import Contract, ContractValue, CustomerFacts, Deal, Onboarding, Status
from pipeline.selections.contracts import ContractSelection, contract_listing, recurring_sums
from pipeline.selections.customers import band_of
from pipeline.services import contracts as services
from pipeline.services.renewals import open_renewal
from pipeline.views.customers import book_tabs
from pipeline.visible import visible_accounts
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.lists import total_of
from salesorg.lib.past import opens_any_day
from salesorg.lib.templatetags.salesorg import day as day_words
from salesorg.people.access import requires
from salesorg.people.roles import Action

SHOWN = 10
ASKED = ("began_from", "began_to", "renews_from", "renews_to", "as_of")  # in the form of the last menu


@require_safe
@requires(Action.READ_RECORDS)
@opens_any_day
def contract_list(request):
    """Contracts by state and renewal date, as they stand or stood on a day, with their recurring value."""
    selection = ContractSelection(request.GET, user=request.user)
    contracts = selection.contracts()
    listing = contract_listing(selection)
    page = listing.page(contracts.for_people(), request.GET)
    context = listing.context(page, {"day": selection.day}) | {
        "selection": selection,
        "total": total_of(contracts, request.GET),
        "sums": recurring_sums(contracts),
        "chips": selection.chips(),
        "tabs": book_tabs("contracts"),
        "fields": [selection[name] for name in ASKED],
        "hidden": selection.besides(*ASKED),
    }
    return render(request, "pipeline/contract_list.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def contract_detail(request, pk):
    """One contract: its term, what it was worth from when, what came before and after it, and its renewal."""
    contract = get_object_or_404(_seen(request.user).select_related("renews", "churn_reason", "renewal__stage"), pk=pk)
    day = request.user.today
    state = contract.state_on(day)
    values = list(ContractValue.objects.visible_to(request.user).filter(contract=contract).select_related("made_by", "deal"))
    may_edit = request.user.may(Action.EDIT_DEALS)
    context = {
        "contract": contract,
        "state": state,
        "label": Contract.State(state).label,
        "values": values[::-1],
        "value": next((each for each in reversed(values) if each.from_day <= day), values[0]),
        "lost": contract.renewal if state == Contract.State.LOST else None,
        "account_visible": bool(visible_accounts(request.user, [contract.account_id])),
        "seen_deals": set(_visible_deals(request.user, contract, values)),
        "may_change": may_edit and state in (Contract.State.RUNNING, Contract.State.UPCOMING),
        "may_renew": may_edit and contract.renewal_id is None and contract.cancelled_on is None and contract.follower is None,
    }
    return render(request, "pipeline/contract_detail.html", context)


def _seen(user):
    return Contract.objects.visible_to(user).for_people()


def _visible_deals(user, contract, values):
    asked = {contract.deal_id, contract.renewal_id, *(each.deal_id for each in values)} - {None}
    return Deal.objects.visible_to(user).filter(pk__in=asked).values_list("pk", flat=True)


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def contract_new(request, pk):
    """Make the contract that a won deal stands for: what the deal says stands in the form already."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user).select_related("account"), pk=pk)
    proposal = services.proposed_contract(deal)
    form = ContractForm(request.POST or None, proposal=proposal, currency=deal.currency)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            contract = services.make_contract(deal=deal, actor=request.user, **form.facts())
            text = _("%(contract)s runs until %(day)s.") % {"contract": contract, "day": day_words(contract.last_day)}
            return toast(request, text, undo=undo_url(request), to=contract.get_absolute_url())
    expandable = services.may_expand(deal) & Contract.objects.visible_to(request.user)
    context = {
        "form": form,
        "deal": deal,
        "former": proposal.renews,
        "is_won": deal.status == Status.WON,
        "expandable": expandable[:SHOWN],
    }
    return render(request, "pipeline/contract_form.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def contract_amend(request, pk):
    """Another value from a day on, for a reason; ?deal= is the won expansion that brings it."""
    contract = get_object_or_404(_seen(request.user), pk=pk)
    value = ContractValue.objects.visible_to(request.user).filter(contract=contract).order_by("-from_day", "-pk").first()
    deal = _expansion(request, contract)
    form = AmendForm(
        request.POST.copy() or None, value=value, currency=contract.currency, day=max(request.user.today, value.from_day),
        reason_needed=deal is None, initial=_with_expansion(contract, value, deal),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            services.amend_contract(contract=contract, deal=deal, actor=request.user, **form.cleaned_data)
            text = _("Amended from %(day)s on.") % {"day": day_words(form.cleaned_data["from_day"])}
            return toast(request, text, undo=undo_url(request), to=contract.get_absolute_url())
        form.data["seen"] = value.pk  # what was amended meanwhile is read by now
    context = {"form": form, "contract": contract, "value": value, "deal": deal}
    return render(request, "pipeline/contract_amend.html", context, status=422 if form.is_bound else 200)


def _expansion(request, contract):
    """The won deal of the same account that ?deal= names, or None."""
    number = request.GET.get("deal", "")
    if not number.isdecimal() or len(number) > 18:
        return None
    return Deal.objects.visible_to(request.user).filter(pk=number, account=contract.account_id, status=Status.WON).first()


def _with_expansion(contract, value, deal):
    """What stands in the form when a won expansion brings the amendment: its amount on top."""
    if deal is None:
        return {}
    return {
        "from_day": min(max(deal.close_date, value.from_day), contract.last_day),
        "total": f"{(value.total + (deal.amount or 0)).normalize():f}",
        "recurring": f"{(value.recurring + (deal.amount or 0)).normalize():f}",
        "reason": deal.name,
    }


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def contract_cancel(request, pk):
    """The customer leaves: the last day, and why."""
    contract = get_object_or_404(_seen(request.user), pk=pk)
    form = CancelForm(request.POST or None, user=request.user, contract=contract)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            contract = services.cancel_contract(contract=contract, actor=request.user, **form.cleaned_data)
            text = _("%(contract)s ends on %(day)s.") % {"contract": contract, "day": day_words(contract.last_day)}
            return toast(request, text, undo=undo_url(request), to=contract.get_absolute_url())
    context = {"form": form, "contract": contract}
    return render(request, "pipeline/contract_cancel.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.EDIT_DEALS)
def contract_renew(request, pk):
    """Open the renewal now, without waiting for the night that would."""
    contract = get_object_or_404(_seen(request.user), pk=pk)
    deal = open_renewal(contract=contract, day=request.user.today, actor=request.user)
    return toast(request, _("%(deal)s is open.") % {"deal": deal}, undo=undo_url(request), to=contract.get_absolute_url())


@require_safe
@requires(Action.READ_RECORDS)
def deal_contract(request, pk):
    """On the page of a deal: the contract it became or renews, or the way to make it."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user), pk=pk)
    made = _seen(request.user).filter(deal=deal).first() or _seen(request.user).filter(values__deal=deal).first()
    context = {
        "deal": deal,
        "made": made,
        "renews": _seen(request.user).filter(renewal=deal).first(),
        "may_make": deal.status == Status.WON and made is None and deal.account_id and request.user.may(Action.EDIT_DEALS),
    }
    return render(request, "pipeline/_deal_contract.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def account_contracts(request, pk):
    """On the page of an account: its contracts, those in force first."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    day = request.user.today
    contracts = list(_seen(request.user).filter(account=account).valued_on(day).order_by("-renews_on", "-pk")[: SHOWN + 1])
    for each in contracts:
        each.state = each.state_on(day)
        each.state_label = Contract.State(each.state).label
    customer = CustomerFacts.objects.visible_to(request.user).filter(account=account).first()
    context = {
        "account": account,
        "customer": customer,
        "band": band_of(customer.score) if customer else "",
        "onboardings": Onboarding.objects.visible_to(request.user).filter(account=account).counted(day)[:3],
        "contracts": contracts[:SHOWN],
        "may_work": request.user.may(Action.LOG_ACTIVITY),
        "url": f"{reverse('pipeline:contract_list')}?account={account.pk}&state=all",
    }
    return render(request, "pipeline/_account_contracts.html", context)
