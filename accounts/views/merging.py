"""Two records side by side, and making one of them; and where old addresses lead."""

from functools import wraps

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.comparison import compare
from accounts.forms import MergeForm, MergeWithForm
from accounts.models import Account, AccountPair, Contact, ContactPair, MergedAccount, MergedContact
from accounts.services import merge_accounts, merge_contacts
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.roles import Action


def follows_merges(merged):
    """A view of one record by `pk` whose address leads on when the record was merged into one that the person may see."""

    def decorate(view):
        @wraps(view)
        def following(request, pk, **more):
            try:
                return view(request, pk=pk, **more)
            except Http404:
                gone = merged.objects.visible_to(request.user).filter(old_id=pk).first()
                if gone is None or request.method not in ("GET", "HEAD"):
                    raise
                kept = gone.account_id if merged is MergedAccount else gone.contact_id
                return redirect(request.resolver_match.view_name, pk=kept, **more)

        return following

    return decorate


account_leads_on = follows_merges(MergedAccount)
contact_leads_on = follows_merges(MergedContact)


@FORM_METHODS
@requires(Action.MERGE)
def account_merge(request, keep, drop):
    """Two accounts side by side: which value stays, what moves, and merging them."""
    visible = Account.objects.visible_to(request.user)
    keep, drop = (get_object_or_404(visible.select_related("parent"), pk=pk) for pk in (keep, drop))
    return _merge(request, keep, drop, service=merge_accounts, pair=AccountPair, url="accounts:account_merge")


@FORM_METHODS
@requires(Action.MERGE)
def contact_merge(request, keep, drop):
    """Two contacts side by side: which value stays, what moves, and merging them."""
    visible = Contact.objects.visible_to(request.user)
    keep, drop = (get_object_or_404(visible.select_related("account"), pk=pk) for pk in (keep, drop))
    return _merge(request, keep, drop, service=merge_contacts, pair=ContactPair, url="accounts:contact_merge")


def _merge(request, keep, drop, *, service, pair, url):
    if keep.pk == drop.pk:
        raise Http404
    form = MergeForm(request.POST or None, keep=keep, drop=drop)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            result = service(keep=keep, drop=drop, actor=request.user, **form.chosen())
            text = _("%(gone)s is now part of %(kept)s") % {"gone": drop, "kept": result.kept}
            account = result.kept if isinstance(result.kept, Account) else result.kept.account
            return toast(request, text, undo=undo_url(request), to=account.get_absolute_url())
    first, second = sorted((keep.pk, drop.pk))
    context = {
        "form": form,
        "keep": keep,
        "drop": drop,
        "comparison": compare(form, keep, drop, request.user),
        "pair": pair.objects.visible_to(request.user).open().filter(first=first, second=second).first(),
        "turned": reverse(url, args=[drop.pk, keep.pk]),
        "kind": "accounts" if pair is AccountPair else "contacts",
    }
    return render(request, "accounts/merge.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.MERGE)
def account_merge_with(request, pk):
    """Choose the account that is the same company as this one."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = MergeWithForm(request.POST or None, user=request.user, account=account)
    if request.method == "POST" and form.is_valid():
        return redirect("accounts:account_merge", account.pk, form.cleaned_data["other"].pk)
    return render(request, "accounts/merge_with.html", {"form": form, "account": account}, status=422 if form.is_bound else 200)
