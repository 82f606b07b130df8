"""Spend tiers: all accounts by tier, one account's tier and why, the policy, and the mark of a key account."""

from django.db.models import Count, Q, Sum
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import KeyAccountForm, TierPolicyForm
from accounts.models import Account, AccountFacts, tier_policy
from accounts.rhythm import rhythms_of, rhythms_of_tiers
from accounts.selections.tiers import TierSelection
from accounts.services import change_tier_policy, end_key_account, mark_key_account
from accounts.tier_words import standing
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.lib.periods import quarter_of
from salesorg.people.access import requires
from salesorg.people.roles import Action


@require_safe
@requires(Action.READ_RECORDS)
def tier_list(request):
    """How many accounts of each tier there are and what they spend, who will change tier, and the accounts themselves."""
    selection = TierSelection(request.GET, user=request.user)
    facts = AccountFacts.objects.visible_to(request.user)
    chosen = selection.facts(facts)
    page = page_of(chosen.select_related("account"), ("-spend", "pk"), request.GET.get("after", ""))
    tiers, moves, unconverted = summary(facts)
    policy, rhythms = tier_policy(), rhythms_of_tiers(request.user)
    context = {
        "selection": selection,
        "page": page,
        "total": chosen.count(),
        "tiers": [row | {"service": policy.services[row["tier"]], "rhythms": rhythms.get(row["tier"], ())} for row in tiers],
        "moves": moves,
        "unconverted": unconverted,
        "quarter_day": quarter_of(request.user.today).until,
        "currency": request.user.organisation.currency,
        "policy": policy,
        "menus": [
            selection.menu(_("Tier"), "tier", Account.Tier.choices),
            selection.menu(_("By spend"), "next", Account.Tier.choices),
        ],
        "chips": [selection.chip(_("Changing"), "changing", "1"), selection.chip(_("Key accounts"), "key", "1")],
        "may_edit": request.user.may(Action.EDIT_TIERS),
    }
    return render(request, "accounts/tier_list.html", context)


def summary(facts):
    """Per tier its accounts and spend; the same of each coming move; how many accounts have orders without a rate."""
    rows = facts.values("account__tier", "computed_tier", "account__is_key_account").annotate(
        accounts=Count("pk"), sum=Sum("spend"), unconverted_accounts=Count("pk", filter=Q(unconverted__gt=0))
    )
    tiers = {value: {"tier": value, "label": label, "accounts": 0, "spend": 0} for value, label in Account.Tier.choices}
    moves, unconverted = [], 0
    for row in rows.order_by("account__tier", "computed_tier"):
        tier, following = row["account__tier"], row["computed_tier"]
        tiers[tier]["accounts"] += row["accounts"]
        tiers[tier]["spend"] += row["sum"]
        unconverted += row["unconverted_accounts"]
        if following and following != tier and not row["account__is_key_account"]:
            labels = {"label": tiers[tier]["label"], "next_label": tiers[following]["label"]}
            moves.append({"tier": tier, "next": following, "accounts": row["accounts"], "spend": row["sum"]} | labels)
    return list(tiers.values()), moves, unconverted


@require_safe
@requires(Action.READ_RECORDS)
def account_tier(request, pk):
    """Spend and tier of an account, and why: panel of its page."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    context = {
        "account": account,
        "standing": standing(request.user, account),
        "rhythms": rhythms_of(request.user, account),
        "may_edit": request.user.may(Action.EDIT_ACCOUNTS),
        "service": tier_policy().services[account.tier],
        "may_mark": request.user.may(Action.REASSIGN),
    }
    return render(request, "accounts/_account_tier.html", context)


@FORM_METHODS
@requires(Action.EDIT_TIERS)
def tier_policy_edit(request):
    """Thresholds, band, how long a customer is new, and the service each tier gets."""
    form = TierPolicyForm(request.POST or None, instance=tier_policy(), currency=request.user.organisation.currency)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            change_tier_policy(actor=request.user, **form.cleaned_data)
            text = _("Saved. Tonight's run decides by it; it comes into effect on the next quarter day.")
            return toast(request, text, to=reverse("accounts:tier_policy_edit"))
    kept = not form.instance._state.adding  # what nobody has changed yet has no history
    context = {"form": form, "next_day": quarter_of(request.user.today).until, "kept": kept}
    return render(request, "accounts/tier_policy.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.REASSIGN)
def key_account_mark(request, pk):
    """Let an account be served as A for its potential."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = KeyAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            mark_key_account(account=account, actor=request.user, **form.cleaned_data)
            text = _("%(account)s is a key account") % {"account": account}
            return toast(request, text, undo=undo_url(request), to=account.get_absolute_url())
    context = {"form": form, "account": account}
    return render(request, "accounts/key_account_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.REASSIGN)
def key_account_end(request, pk):
    """Let an account be served by its spend again."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    end_key_account(account=account, actor=request.user)
    text = _("%(account)s is no key account any more") % {"account": account}
    return toast(request, text, undo=undo_url(request), to=account.get_absolute_url())
