"""How often customers are contacted, and who has not been for too long."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.forms.cadences import AccountCadenceForm, TierCadenceForm
from accounts.models import Account, Cadence, ContactDue
from accounts.selections.accounts import coverers
from accounts.selections.lateness import DueSelection
from accounts.services.cadences import end_cadence, set_cadence
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.roles import Action


@require_safe
@requires(Action.READ_RECORDS)
def not_visited_list(request):
    """Accounts whose last visit or call is older than their cadence, or than a number of days; who is latest comes first."""
    selection = DueSelection(request.GET, user=request.user, kind="visit", whose="mine")
    late = selection.rows()
    page = page_of(late.select_related("account"), selection.order, request.GET.get("after", ""))
    covered = coverers([row.account_id for row in page.rows], request.user)
    today, days = request.user.today, selection.get("days")
    context = {
        "selection": selection,
        "page": page,
        "total": late.count(),
        "days": days,
        "rows": [
            (row, covered.get(row.account_id, ())[:1], (today - row.seen_on).days - days if days else (today - row.due_on).days)
            for row in page.rows
        ],
        "kinds": [
            {"label": label, "url": "?" + selection.query(kind=kind), "current": selection.get("kind") == kind}
            for kind, label in (("visit", _("Not visited")), ("call", _("Not called")))
        ],
        "chips": [selection.chip(_("Mine"), "whose", "mine"), selection.chip(_("All I see"), "whose", "all")],
        "person": selection.get("by"),
        "team": selection.get("team"),
        "others": selection.besides("by", "team", "days"),
        "people_url": reverse("people:person_lookup"),
        "teams_url": reverse("people:team_lookup"),
        "may_log": request.user.may(Action.LOG_ACTIVITY),
        "may_edit": request.user.may(Action.EDIT_CADENCES),
    }
    return render(request, "accounts/not_visited_list.html", context)


@FORM_METHODS
@requires(Action.EDIT_CADENCES)
def cadence_list(request):
    """How often customers of each tier are visited and called, from when; set anew from a day."""
    form = TierCadenceForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            cadence = set_cadence(actor=request.user, **form.cleaned_data)
            text = _("%(cadence)s set") % {"cadence": cadence}
            return toast(request, text, undo=undo_url(request), to=reverse("accounts:cadence_list"))
    cadences = Cadence.objects.visible_to(request.user).filter(account=None).order_by("tier", "kind", "-during")
    context = {"form": form, "cadences": cadences, "today": request.user.today}
    return render(request, "accounts/cadence_list.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.EDIT_ACCOUNTS)
def account_cadence(request, pk):
    """How often this very account is contacted, whatever its tier says."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = AccountCadenceForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            facts = form.cleaned_data
            if facts.pop("like_tier"):
                end_cadence(account=account, kind=facts["kind"], from_day=facts["from_day"], actor=request.user)
            else:
                set_cadence(account=account, actor=request.user, **facts)
            return toast(request, _("Saved."), undo=undo_url(request), to=account.get_absolute_url())
    own = Cadence.objects.visible_to(request.user).filter(account=account).order_by("kind", "-during")
    due = ContactDue.objects.visible_to(request.user).filter(account=account).order_by("-kind")
    context = {"form": form, "account": account, "cadences": own, "due": due}
    return render(request, "accounts/account_cadence.html", context, status=422 if form.is_bound else 200)
