"""Visits, calls and tasks: logging, planning, completing, listing."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import links
from accounts.columns import activity_listing
from accounts.engine import clock
from accounts.expectations import suggestions
from accounts.forms import CompleteForm, VisitForm
from accounts.models import Account, Activity, Contact
from accounts.reach import warning
from accounts.selections.accounts import ActivitySelection
from accounts.services import complete_activity, log_activity
from accounts.timeline import clock_warning, dressed
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, next_page, toast, undo_url
from salesorg.lib.lists import displayed, total_of
from salesorg.people.access import requires
from salesorg.people.roles import Action

from .photos import keep_photos


@require_safe
@requires(Action.READ_RECORDS)
def activity_list(request):
    """Activities by the filters of the address: every figure about them leads here."""
    selection = ActivitySelection(request.GET, user=request.user, state="done")
    activities = selection.activities()
    listing = activity_listing(selection)
    in_order = selection.activities(newest_first=True).select_related("account", "user", "contact")
    page = listing.page(in_order, request.GET)
    for activity in page.rows:
        dressed(activity)
    may_log = request.user.may(Action.LOG_ACTIVITY)
    states = (("done", _("Done")), ("planned", _("Planned")), ("overdue", _("Overdue")))
    context = listing.context(page, {"may_log": may_log, "outcomes": displayed(Activity.Outcome)}) | {
        "selection": selection,
        "total": total_of(activities, request.GET),
        "states": [
            {"label": label, "url": "?" + selection.query(state=state), "current": selection.get("state") == state}
            for state, label in states
        ],
        "chips": [selection.chip(_("Mine"), "whose", "mine"), selection.chip(_("My team's"), "whose", "team")],
        "menus": [
            selection.menu(_("Kind"), "kind", Activity.Kind.choices),
            selection.menu(_("Outcome"), "outcome", [each for each in Activity.Outcome.choices if each[0]]),
        ],
        "person": selection.get("user"),
        "chosen": any(selection.get(name) for name in ("user", "since", "until")),
        "others": selection.besides("user", "since", "until", "whose"),
        "people_url": reverse("people:person_lookup"),
        "may_log": may_log,
        "may_export": request.user.may(Action.EXPORT),
    }
    return render(request, "accounts/activity_list.html", context)


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def visit_log(request):
    """Log a visit, call or another ?kind=, at the account of ?account= or one that is chosen; sent again, it is stored once.

    It leads on to ?next=, where it was asked for, else to the account.
    """
    asked = request.POST.get("account") or request.GET.get("account", "")
    visible = Account.objects.visible_to(request.user)
    account = visible.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 19 else None
    contact = _contact_asked(request, account)
    initial = {"kind": request.GET["kind"]} if request.GET.get("kind") in Activity.Kind.values else {}
    form = VisitForm(request.POST or None, user=request.user, account=account, contact=contact, initial=initial)
    about = {name: request.POST.get(name) or request.GET.get(name, "") for name in links.names()}
    if request.method == "POST" and (activity := _logged(request, form, about)):
        undo = undo_url(request)
        words = {"kind": activity.get_kind_display(), "account": activity.account}
        warnings = [*filter(None, (warning(activity), clock_warning(activity))), *keep_photos(request, activity)]
        text = " ".join((_("%(kind)s at %(account)s logged") % words + ("." if warnings else ""), *warnings))
        level = "warning" if warnings else "success"
        return toast(request, text, undo=undo, level=level, to=next_page(request) or activity.account.get_absolute_url())
    context = {"form": form, "account": account, "about": {name: key for name, key in about.items() if key}}
    context |= {"suggestions": suggestions(request.user, account), "next": next_page(request)}
    return render(request, "accounts/visit_log.html", context, status=422 if form.is_bound else 200)


def _contact_asked(request, account):
    """The contact of ?contact=, when they stand at the account and are visible."""
    asked = request.GET.get("contact", "")
    if account is None or not asked.isdecimal() or len(asked) > 18:
        return None
    return Contact.objects.visible_to(request.user).filter(account=account, pk=asked).first()


def _logged(request, form, about):
    if not form.is_valid():
        return None
    with refusal_shown_in(form):
        facts = form.cleaned_data
        moment = clock.set_right(facts["done_at"], phone_now=clock.read(request.POST.get("phone_now", "")), now=timezone.now())
        facts |= {"done_at": moment.at, "phone_said": moment.phone_said}
        activity = log_activity(**facts, actor=request.user)
        links.tie(activity, about, actor=request.user)
        return activity
    return None


def comes_from_today(request, account):
    """Whether the form was opened from Today or the brief before the visit: whoever works down the day goes on there."""
    if request.method == "POST":
        return request.POST.get("from") == "today"
    pages = (reverse("home:today"), reverse("home:account_brief", args=[account.pk]))
    return request.headers.get("Referer", "") in {request.build_absolute_uri(page) for page in pages}


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def activity_complete(request, pk):
    """Say how something planned went, and what comes next. It leads on to ?next=, to Today or to the account."""
    visible = Activity.objects.visible_to(request.user).select_related("account", "contact", "user")
    activity = dressed(get_object_or_404(visible, pk=pk))
    about = activity.account
    from_today = comes_from_today(request, about)
    back = reverse("home:today") if from_today else about.get_absolute_url()
    initial = {"note": activity.note, "contacts": [activity.contact_id]}
    form = CompleteForm(request.POST or None, user=request.user, account=about, initial=initial)
    if request.method == "POST" and form.is_valid():
        done = complete_activity(activity=activity, actor=request.user, **form.cleaned_data)
        refused = keep_photos(request, done)
        text = " ".join((_("%(kind)s done") % {"kind": done.get_kind_display()} + ("." if refused else ""), *refused))
        level = "warning" if refused else "success"
        return toast(request, text, undo=undo_url(request), level=level, to=next_page(request) or back)
    context = {"form": form, "activity": activity, "account": about, "suggestions": suggestions(request.user, about)}
    context |= {"from_today": from_today, "back": next_page(request) or back}
    return render(request, "accounts/activity_complete.html", context, status=422 if form.is_bound else 200)
