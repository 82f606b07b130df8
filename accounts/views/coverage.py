"""Who covers an account, by hand."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.forms import CoverageForm, EndCoverageForm
from accounts.models import Account, Coverage
from accounts.services import end_coverage, set_coverage
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.roles import Action


@FORM_METHODS
@requires(Action.REASSIGN)
def coverage_set(request, pk):
    """Let somebody cover the account by hand, for a reason."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = CoverageForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            coverage = set_coverage(account=account, actor=request.user, **form.cleaned_data)
            undo = undo_url(request)
            words = {"person": coverage.user, "account": account}
            return toast(request, _("%(person)s covers %(account)s") % words, undo=undo, to=account.get_absolute_url())
    context = {"form": form, "account": account}
    return render(request, "accounts/coverage_form.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.REASSIGN)
def coverage_end(request, pk):
    """End coverage by hand; the account's territory decides again."""
    by_hand = Coverage.objects.visible_to(request.user).exclude(source=Coverage.Source.TERRITORY)
    coverage = get_object_or_404(by_hand.select_related("account", "user", "line"), pk=pk)
    form = EndCoverageForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        end_coverage(coverage=coverage, actor=request.user, **form.cleaned_data)
        undo = undo_url(request)
        words = {"person": coverage.user, "account": coverage.account}
        text = _("%(person)s no longer covers %(account)s") % words
        return toast(request, text, undo=undo, to=reverse("accounts:account_list"))
    context = {"form": form, "coverage": coverage, "account": coverage.account}
    return render(request, "accounts/coverage_end.html", context, status=422 if form.is_bound else 200)
