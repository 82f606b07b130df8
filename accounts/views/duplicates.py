"""Records that may be there twice: below a form while somebody types, and as a list to work through."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.engine.likeness import AccountFacts, ContactFacts
from accounts.models import Account, AccountPair, ContactPair, MergedAccount, MergedContact
from accounts.selections.pairs import PairSelection
from accounts.services import dismiss_pair, reopen_pair
from accounts.services.duplicates import hidden_account_like, hidden_contact_like, likely_accounts, likely_contacts
from salesorg.audit.models import Change
from salesorg.lib.http import toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.roles import Action

MERGES = 10  # of one's own, shown below the pairs


def _typed(request, *names):
    return {name: request.GET.get(name, "").replace("\x00", "")[:200].strip() for name in names}


@require_safe
@requires(Action.EDIT_ACCOUNTS)
def account_twins(request):
    """The accounts that the facts typed so far may mean."""
    typed = _typed(request, "name", "domain", "phone", "street", "postal_code", "city", "country")
    facts = AccountFacts(0, **typed)
    found = likely_accounts(facts=facts, user=request.user)
    # Of a hidden account only its very name or domain brings the sentence: letter by letter nobody can guess names out of it.
    hidden = hidden_account_like(name=facts.name, domain=facts.host, user=request.user) if facts.plain_name or facts.host else ""
    return render(request, "accounts/_twins.html", {"found": found, "hidden": hidden})


@require_safe
@requires(Action.EDIT_ACCOUNTS)
def contact_twins(request, pk):
    """The contacts that the facts typed so far may mean, those at this account first."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    typed = _typed(request, "name", "email", "phone")
    found = likely_contacts(facts=ContactFacts(0, account=account.pk, **typed), user=request.user)
    hidden = hidden_contact_like(email=typed["email"], user=request.user)
    return render(request, "accounts/_twins.html", {"found": found, "hidden": hidden})


@require_safe
@requires(Action.MERGE)
def duplicate_list(request):
    """Pairs that may be one, most certain first; both records of each are visible."""
    selection = PairSelection(request.GET, user=request.user)
    pairs = selection.pairs()
    page = page_of(pairs.select_related(*selection.related), ("-score", "pk"), request.GET.get("after", ""))
    context = {
        "selection": selection,
        "kind": selection.kind_shown,
        "page": page,
        "total": pairs.count(),
        "kinds": [
            {"label": label, "url": "?" + selection.query(kind=value), "current": selection.kind_shown == (value or "accounts")}
            for value, label in ((None, _("Accounts")), ("contacts", _("Contacts")))
        ],
        "chips": selection.chips(),
        "merged": merged_lately(request.user, selection.kind_shown),
    }
    return render(request, "accounts/duplicate_list.html", context)


def merged_lately(user, kind):
    """[(what was merged away, what it is part of, when, address that takes it back)] of the own merges, the latest first."""
    model, side = (MergedContact, "contact") if kind == "contacts" else (MergedAccount, "account")
    gone = {each.pk: each for each in model.objects.visible_to(user).select_related(side).order_by("-pk")[:MERGES]}
    made = Change.objects.visible_to(user).filter(table=model._meta.db_table, row_id__in=gone, operation="INSERT")
    latest = {each.row_id: each for each in made.exclude(context=None).order_by("pk")}
    return [
        (gone[pk], getattr(gone[pk], side), made.at, reverse("audit:undo", args=[made.context]))
        for pk, made in sorted(latest.items(), reverse=True)
    ]


@require_POST
@requires(Action.MERGE)
def account_pair_dismiss(request, pk):
    """These two accounts are not the same."""
    return _dismiss(request, get_object_or_404(AccountPair.objects.visible_to(request.user), pk=pk))


@require_POST
@requires(Action.MERGE)
def contact_pair_dismiss(request, pk):
    """These two contacts are not the same."""
    return _dismiss(request, get_object_or_404(ContactPair.objects.visible_to(request.user), pk=pk))


def _dismiss(request, pair):
    kind = "contacts" if isinstance(pair, ContactPair) else "accounts"
    to = reverse("accounts:duplicate_list") + ("?kind=contacts" if kind == "contacts" else "")
    if pair.dismissed_at and request.POST.get("again"):
        reopen_pair(pair=pair, actor=request.user)
        return toast(request, _("They are compared again"), undo=undo_url(request), to=to)
    dismiss_pair(pair=pair, actor=request.user)
    return toast(request, _("Remembered: they are not the same"), undo=undo_url(request), to=to)
