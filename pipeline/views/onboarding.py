"""Onboarding: customers being brought on, the steps of each, and the playbooks they follow."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Account
from pipeline.forms.onboarding import ChangeStepForm, PlaybookForm, SkipForm, StartForm, StepFormSet, steps_of
from pipeline.models import Onboarding, OnboardingStep, Playbook
from pipeline.services import onboarding as services
from pipeline.views.customers import book_tabs
from pipeline.visible import account_asked, visible_accounts
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.people.access import requires
from salesorg.people.roles import Action

DUE = 20  # steps on Today; the rest is one link away


@require_safe
@requires(Action.READ_RECORDS)
def onboarding_list(request):
    """Customers being brought on, the longest running first; ?state=done those that are."""
    done, mine = request.GET.get("state") == "done", request.GET.get("whose") == "mine"
    rows = Onboarding.objects.visible_to(request.user).counted(request.user.today).select_related("account", "owner")
    account, rows = account_asked(request, rows)
    if not (account and request.GET.get("state") == "all"):
        rows = rows.filter(ended_on__isnull=False) if done else rows.open()
    rows = rows.filter(owner=request.user) if mine else rows
    order = ("-started_on", "-pk") if done else ("started_on", "pk")
    chips = (
        (_("Running"), "?", not done and not mine),
        (_("Led by me"), "?whose=mine", mine),
        (_("Finished"), "?state=done", done),
    )
    context = {
        "page": page_of(rows, order, request.GET.get("after", "")),
        "tabs": book_tabs("onboarding"),
        "account": account,
        "chips": [{"label": label, "url": url, "on": on} for label, url, on in chips],
        "done": done,
    }
    return render(request, "pipeline/onboarding_list.html", context)


@require_safe
@requires(Action.READ_RECORDS)
def onboarding_detail(request, pk):
    """One onboarding: its steps, whose they are, by when, and what became of them."""
    onboarding = _seen(request.user, pk)
    steps = OnboardingStep.objects.visible_to(request.user).filter(onboarding=onboarding).select_related("owner", "closed_by")
    steps = list(steps.order_by("due_on", "pk"))
    context = {
        "onboarding": onboarding,
        "account_visible": bool(visible_accounts(request.user, [onboarding.account_id])),
        "steps": steps,
        "closed": sum(not step.is_open for step in steps),
        "may_work": request.user.may(Action.LOG_ACTIVITY),
    }
    return render(request, "pipeline/onboarding_detail.html", context)


def _seen(user, pk):
    return get_object_or_404(Onboarding.objects.visible_to(user).select_related("account", "owner", "deal"), pk=pk)


def _step(user, pk):
    return get_object_or_404(OnboardingStep.objects.visible_to(user).select_related("onboarding__account"), pk=pk)


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def onboarding_new(request, pk):
    """Begin a playbook for a customer by hand."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    form = StartForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            onboarding = services.start_onboarding(account=account, actor=request.user, **form.cleaned_data)
            text = _("%(playbook)s has begun.") % {"playbook": onboarding.name}
            return toast(request, text, undo=undo_url(request), to=onboarding.get_absolute_url())
    may_set_up = request.user.may(Action.SET_UP_SUCCESS)
    context = {"form": form, "account": account, "may_set_up": may_set_up, "any": form.fields["playbook"].queryset.exists()}
    return render(request, "pipeline/onboarding_form.html", context, status=422 if form.is_bound else 200)


@require_safe
@requires(Action.LOG_ACTIVITY)
def steps_due(request):
    """On Today: what I am to do for new customers by today and have not done."""
    steps = list(OnboardingStep.objects.visible_to(request.user).due(request.user, timezone.localdate())[:DUE])
    seen = visible_accounts(request.user, [step.onboarding.account_id for step in steps])
    return render(request, "pipeline/_steps_due.html", {"steps": steps, "seen": seen})


@require_POST
@requires(Action.LOG_ACTIVITY)
def step_done(request, pk):
    """The step is done."""
    step = services.close_step(step=_step(request.user, pk), actor=request.user)
    return toast(request, _("Done: %(step)s") % {"step": step.name}, undo=undo_url(request))


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def step_skip(request, pk):
    """The step is not done, and why."""
    step = _step(request.user, pk)
    form = SkipForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.close_step(step=step, actor=request.user, **form.cleaned_data)
        to = _back(request.user, step)
        return toast(request, _("Skipped: %(step)s") % {"step": step.name}, undo=undo_url(request), to=to)
    return _step_page(request, form, step, _("Skip this step"))


@FORM_METHODS
@requires(Action.LOG_ACTIVITY)
def step_change(request, pk):
    """Another person or another day."""
    step = _step(request.user, pk)
    form = ChangeStepForm(request.POST or None, user=request.user, step=step)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            services.change_step(step=step, actor=request.user, **form.cleaned_data)
            return toast(request, _("Saved."), undo=undo_url(request), to=_back(request.user, step))
    return _step_page(request, form, step, _("Change this step"))


def _back(user, step):
    """Where a step is left for: its onboarding, or Today where the customer is not for the person to see."""
    seen = visible_accounts(user, [step.onboarding.account_id])
    return step.onboarding.get_absolute_url() if seen else reverse("home:today")


def _step_page(request, form, step, title):
    back = _back(request.user, step)
    context = {"form": form, "step": step, "title": title, "back": back, "seen": back == step.onboarding.get_absolute_url()}
    return render(request, "pipeline/onboarding_step.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.LOG_ACTIVITY)
def step_reopen(request, pk):
    """It is to be done after all."""
    step = services.reopen_step(step=_step(request.user, pk), actor=request.user)
    return toast(request, _("Open again: %(step)s") % {"step": step.name}, undo=undo_url(request))


@require_safe
@requires(Action.READ_RECORDS)
def playbook_list(request):
    """Every playbook with its steps."""
    playbooks = Playbook.objects.visible_to(request.user).prefetch_related("steps")[:100]
    context = {"playbooks": playbooks, "may_edit": request.user.may(Action.SET_UP_SUCCESS)}
    return render(request, "pipeline/playbook_list.html", context)


@FORM_METHODS
@requires(Action.SET_UP_SUCCESS)
def playbook_new(request):
    """A new playbook."""
    return _playbook(request, Playbook())


@FORM_METHODS
@requires(Action.SET_UP_SUCCESS)
def playbook_edit(request, pk):
    """Change a playbook; onboardings that run keep their steps."""
    return _playbook(request, get_object_or_404(Playbook.objects.visible_to(request.user), pk=pk))


def _playbook(request, record):
    sent = request.POST or None
    name, back = str(record), reverse("pipeline:playbook_list")
    form = PlaybookForm(sent, user=request.user, instance=record)
    steps = StepFormSet(sent, initial=steps_of(request.user, record), prefix="steps")
    if sent and steps.is_valid() and form.saved_by(services.save_playbook, record=record, steps=steps.steps()):
        return toast(request, _("Saved."), undo=undo_url(request), to=back)
    context = {"form": form, "steps": steps, "title": name or _("New playbook"), "back": back}
    return render(request, "pipeline/playbook_form.html", context, status=422 if sent else 200)
