"""One visit with all that was brought back from it, and proposals of a better pin."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import PinForm
from accounts.models import Account, Activity, PinProposal
from accounts.services import decide_pin, propose_pin
from accounts.timeline import clock_warning, dressed
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.roles import Action


@require_safe
@requires(Action.READ_RECORDS)
def activity_detail(request, pk):
    """One activity: how it went, whom one met, where the phone stood, what was seen, the photos, and what came of it."""
    rows = Activity.objects.visible_to(request.user).select_related("account", "contact", "user", "check_in", "follows")
    activity = dressed(get_object_or_404(rows, pk=pk))
    context = {
        "activity": activity,
        "account": activity.account,
        "met": [each.contact for each in activity.meetings.select_related("contact")] or [*filter(None, [activity.contact])],
        "sightings": activity.sightings.select_related("competitor"),
        "photos": activity.photos.select_related("user"),
        "next_steps": [dressed(step) for step in activity.next_steps.select_related("contact")],
        "clock": clock_warning(activity),
        "may_log": request.user.may(Action.LOG_ACTIVITY),
    }
    return render(request, "accounts/activity_detail.html", context)


@require_safe
@requires(Action.EDIT_ACCOUNTS)
def pin_list(request):
    """Where people say accounts really are: to be accepted or declined."""
    waiting = PinProposal.objects.visible_to(request.user).waiting().select_related("account", "user")
    page = page_of(waiting, ("-created_at", "-pk"), request.GET.get("after", ""))
    return render(request, "accounts/pin_list.html", {"page": page, "total": waiting.count()})


@require_POST
@requires(Action.EDIT_ACCOUNTS)
def pin_decide(request, pk):
    """Accept (accept=1) or decline one proposal."""
    proposal = get_object_or_404(PinProposal.objects.visible_to(request.user).select_related("account"), pk=pk)
    accept = request.POST.get("accept") == "1"
    decide_pin(proposal=proposal, accept=accept, actor=request.user)
    words = {"account": proposal.account}
    text = _("The pin of %(account)s was moved") % words if accept else _("The pin of %(account)s stays") % words
    return toast(request, text, undo=undo_url(request))


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def pin_propose(request, pk):
    """Propose where the account really is: here, or at coordinates that are typed."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = PinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        propose_pin(account=account, actor=request.user, **form.cleaned_data)
        text = _("Proposed. Whoever may change accounts will accept or decline it.")
        return toast(request, text, undo=undo_url(request), to=account.get_absolute_url())
    return render(request, "accounts/pin_propose.html", {"form": form, "account": account}, status=422 if form.is_bound else 200)
