"""Planning: a new appointment at any account or at one, changing it, moving it in the calendar, cancelling it."""

from datetime import datetime

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.forms import ChangePlanForm, PlanForm
from accounts.models import Account, Activity
from accounts.services import cancel_activity, change_plan, move_activity, plan_series
from accounts.timeline import dressed
from salesorg.lib.errors import DomainError
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.templatetags.salesorg import day as day_words
from salesorg.lib.validators import FIRST_DAY, LAST_DAY
from salesorg.people.access import requires
from salesorg.people.models import User
from salesorg.people.roles import Action


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def activity_plan(request, pk):
    """Plan something at the account."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    return _plan(request, account, back=account.get_absolute_url())


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def plan_new(request):
    """Plan something on the day, at the time and for the person that the address names; the form asks for the account."""
    return _plan(request, None, back=reverse("accounts:calendar"))


def _plan(request, account, back):
    initial = (
        {name: request.GET.get(name, "") for name in ("due_on", "at") if request.GET.get(name)}
        | {"kind": request.GET.get("kind", "visit")}
        | {"user": request.user}
    )
    if (person := request.GET.get("person", "")).isdecimal() and len(person) < 19:
        initial["user"] = User.objects.visible_to(request.user).working().filter(pk=person).first() or request.user
    form = PlanForm(request.POST or None, user=request.user, account=account, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            facts = form.cleaned_data
            planned = plan_series(account=facts.pop("account", account), actor=request.user, **facts)
            words = {"kind": planned[0].get_kind_display(), "count": len(planned)}
            text = _("%(kind)s planned") if len(planned) == 1 else _("%(kind)s planned, %(count)d times")
            return toast(request, text % words, undo=undo_url(request), to=back)
    context = {"form": form, "account": account, "back": back}
    return render(request, "accounts/activity_plan.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def plan_edit(request, pk):
    """Change what is planned: what, when, how long, and whose it is."""
    activity = _planned_or_404(request, pk)
    form = ChangePlanForm(request.POST or None, user=request.user, activity=activity)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            changed = change_plan(activity=activity, actor=request.user, **form.cleaned_data)
            text = _("%(kind)s at %(account)s changed")
            words = {"kind": changed.get_kind_display(), "account": changed.account}
            return toast(request, text % words, undo=undo_url(request), to=calendar_of(request.user, changed))
    context = {"form": form, "activity": dressed(activity), "account": activity.account}
    return render(request, "accounts/plan_edit.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.LOG_ACTIVITY)
def activity_move(request, pk):
    """Put it on the day and at the time it was dragged to; without a time, on the day alone."""
    activity = _planned_or_404(request, pk)
    day, at = _day(request.POST.get("day", "")), _time(request.POST.get("at", ""))
    moved = move_activity(activity=activity, day=day, at=at, seen=request.POST.get("seen"), actor=request.user)
    when = datetime.combine(day, at).strftime("%H:%M") if at else _("all day")
    words = {"account": moved.account, "day": day_words(day), "when": when}
    return toast(request, _("%(account)s: %(day)s, %(when)s") % words, undo=undo_url(request))


@require_POST
@requires(Action.LOG_ACTIVITY)
def activity_cancel(request, pk):
    """Take it off the calendar, alone or with what follows in its series."""
    activity = _planned_or_404(request, pk)
    count = cancel_activity(activity=activity, following="following" in request.POST, actor=request.user)
    words = {"kind": activity.get_kind_display(), "account": activity.account, "count": count}
    text = _("%(kind)s at %(account)s cancelled") if count == 1 else _("%(kind)s at %(account)s cancelled, %(count)d times")
    return toast(request, text % words, undo=undo_url(request), to=calendar_of(request.user, activity))


def calendar_of(user, activity):
    """The address of the calendar in which the activity stands."""
    person = {} if activity.user_id == user.pk else {"person": activity.user_id}
    return reverse("accounts:calendar", query={"day": activity.due_on.isoformat()} | person)


def _planned_or_404(request, pk):
    visible = Activity.objects.visible_to(request.user).planned()
    return get_object_or_404(visible.select_related("account", "contact", "user"), pk=pk)


def _day(text):
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise DomainError(_("Give a day on which it shall be."), fields=["day"])
    return day


def _time(text):
    try:
        at = parse_time(text) if text else None
    except ValueError:
        at = None
    if text and (at is None or at.tzinfo):
        raise DomainError(_("Give a time such as 14:30."), fields=["at"])
    return at
