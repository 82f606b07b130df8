"""Accounts as a list and one by one: reading, creating, changing."""

import json

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.columns import account_facts, account_listing
from accounts.forms import AccountForm, NewAccountForm
from accounts.models import Account, Activity, Contact
from accounts.selections.accounts import AccountSelection, coverers
from accounts.services import change_account, create_account
from accounts.timeline import ICONS, asked_kind, planned, timeline
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.lists import total_of
from salesorg.lib.search import answers_by_index
from salesorg.lib.templatetags.salesorg import figure
from salesorg.people.access import requires
from salesorg.people.roles import Action

from .departures import departed
from .merging import account_leads_on

MENU = 30  # choices a menu holds at most


@require_safe
@requires(Action.READ_RECORDS)
@answers_by_index
def account_list(request):
    """Accounts by the filters of the address."""
    selection = AccountSelection(request.GET, user=request.user)
    accounts = selection.accounts()
    listing = account_listing(selection)
    page = listing.page(accounts.defer("note"), request.GET)
    facts = account_facts(listing, page.rows, request.user)
    context = listing.context(page, facts) | {
        "selection": selection,
        "total": total_of(accounts, request.GET),
        "whose": [
            {"label": label, "url": "?" + selection.query(whose=value), "current": selection.get("whose") == (value or "")}
            for value, label in (("mine", _("Mine")), ("team", _("Team")), (None, _("All")))
        ],
        "chips": [selection.chip(label, "lifecycle", value) for value, label in Account.Lifecycle.choices]
        + [selection.chip(_("Key accounts"), "key", "1")],
        "menus": [selection.menu(_("Tier"), "tier", Account.Tier.choices)],
        "later_menus": [
            (label, selection.get(name), reverse("accounts:account_values", args=[name]) + "?" + selection.query())
            for name, label in (("industry", _("Industry")), ("country", _("Country")))
        ],
        "person": selection.get("by"),
        "others_q": selection.besides("q"),
        "others_potential": selection.besides("potential"),
        "potential": None if selection.get("potential") == "" else figure(selection.get("potential")),
        "potential_typed": selection.data.get("potential", "") if "potential" not in selection.errors else "",
        "others_by": selection.besides("by", "whose"),
        "people_url": reverse("people:person_lookup"),
        "may_edit": request.user.may(Action.EDIT_ACCOUNTS),
        "bulk_url": reverse("accounts:accounts_change") if listing.pick else "",
        "may_sell": request.user.may(Action.EDIT_DEALS),
        "may_export": request.user.may(Action.EXPORT),
    }
    return render(request, "accounts/account_list.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def account_values(request, name):
    """What a menu of the list offers: the values of a column that visible accounts have, read only when it is opened."""
    selection = AccountSelection(request.GET, user=request.user)
    accounts = Account.objects.visible_to(request.user).exclude(**{name: ""})
    found = accounts.order_by(name).values_list(name, flat=True).distinct()[:MENU]
    # Links of the list, not of this fragment.
    menu = selection.menu("", name, [(value, value) for value in found], page=reverse("accounts:account_list"))
    return render(request, "parts/menu_items.html", {"menu": menu})


@require_safe
@requires(Action.READ_RECORDS)
@account_leads_on
def account_detail(request, pk):
    """One account with its people and what happened there; deals, placement and history load beside it."""
    visible = Account.objects.visible_to(request.user)
    account = get_object_or_404(visible.select_related("parent"), pk=pk)
    page = timeline(request.user, account, kind=asked_kind(request))
    context = {
        "account": account,
        "timeline": page,
        "kind": asked_kind(request),
        "kinds": [(value, label, ICONS[value]) for value, label in Activity.Kind.choices if value != "task"],
        "may_log": request.user.may(Action.LOG_ACTIVITY),
        "may_order": request.user.may(Action.TAKE_ORDERS),
        "may_export": request.user.may(Action.EXPORT),
    }
    if request.htmx.target == "happened-list":
        answer = render(request, "accounts/_happened.html", context)
        patch_vary_headers(answer, ["HX-Target"])  # back in the browser must not find this part in place of the page
        return answer
    contacts = list(Contact.objects.visible_to(request.user).here().filter(account=account).order_by("name", "pk")[:100])
    parent = account.parent if account.parent_id and visible.filter(pk=account.parent_id).exists() else None
    context |= {
        "parent": parent,
        "has_family": parent is not None or visible.filter(parent=account).exists(),
        "coverage": coverers([account.pk], request.user).get(account.pk, ()),
        "contacts": contacts,
        "decision": decision_map(contacts),
        "departed": departed(request.user, account),
        "place_map": place_map(account),
        "planned": planned(request.user, account=account),
        "may_edit": request.user.may(Action.EDIT_ACCOUNTS),
        "may_reassign": request.user.may(Action.REASSIGN),
        "may_merge": request.user.may(Action.MERGE),
    }
    return render(request, "accounts/account_detail.html", context)


def place_map(account):
    """What map.js draws of one account, as JSON; "" while it has no pin."""
    if account.latitude is None or account.longitude is None:
        return ""
    return json.dumps({"stops": [{"number": 1, "at": [account.latitude, account.longitude], "name": account.name}]})


def decision_map(contacts):
    """[(role, its people, whether not knowing one is a gap)]: who has a part in the buying decision, those who decide first."""
    known = [role for role in Contact.DecisionRole if role]
    asked = {Contact.DecisionRole.DECIDER, Contact.DecisionRole.BUDGET}
    rows = [(role.label, [each for each in contacts if each.decision_role == role], role in asked) for role in known]
    return [(label, people, is_gap) for label, people, is_gap in rows if people or is_gap]


@require_safe
@requires(Action.READ_RECORDS)
def account_timeline(request, pk):
    """What was done at an account, further back: the answer to “Show more”."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    kind = asked_kind(request)
    page = timeline(request.user, account, request.GET.get("after", ""), kind)
    return render(request, "accounts/_timeline.html", {"account": account, "timeline": page, "kind": kind})


@FORM_METHODS
@requires(Action.EDIT_ACCOUNTS)
def account_new(request):
    """Create an account; a likely duplicate is met before anything is stored."""
    form = NewAccountForm(request.POST or None, user=request.user)
    if request.method == "POST" and (account := form.saved_by(create_account)):
        undo = undo_url(request)
        return toast(request, _("%(account)s created") % {"account": account}, undo=undo, to=account.get_absolute_url())
    return render(request, "accounts/account_form.html", {"form": form}, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.EDIT_ACCOUNTS)
def account_edit(request, pk):
    """Change an account's facts."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = AccountForm(request.POST or None, instance=account, user=request.user)
    if request.method == "POST" and form.saved_by(change_account, account=account):
        undo = undo_url(request)
        return toast(request, _("%(account)s saved") % {"account": account}, undo=undo, to=account.get_absolute_url())
    name = Account.objects.visible_to(request.user).values_list("name", flat=True).get(pk=pk)
    context = {"form": form, "account": account, "name": name}
    return render(request, "accounts/account_form.html", context, status=422 if form.is_bound else 200)
