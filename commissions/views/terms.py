"""Quotas and plans: what is in force, what history proposes, and setting both."""

import json

from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from commissions.forms import PlanAssignmentForm, QuotaForm
from commissions.models import PlanAssignment, PlanVersion, Quota
from commissions.prose import sentences
from commissions.services import assign_plan, propose_quotas, set_quota, set_quotas_from_history
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, later_toast, undo_url
from salesorg.lib.pagination import page_of
from salesorg.lib.widgets import typed_words
from salesorg.people.access import requires
from salesorg.people.models import User, organisation
from salesorg.people.roles import Action

from .places import places


@require_safe
@requires(Action.EDIT_QUOTAS)
def quota_list(request):
    """Today's quotas and those to come."""
    quotas = Quota.objects.visible_to(request.user).from_day(request.user.today).select_related("user")
    if name := typed_words(request):
        quotas = quotas.filter(user__name__icontains=name)
    page = page_of(quotas, ("user__name", "pk"), request.GET.get("after", ""))
    return render(request, "commissions/quota_list.html", {"page": page, "q": name} | places(request.user))


@FORM_METHODS
@requires(Action.EDIT_QUOTAS)
def quota_new(request):
    """Set a person's quota from a month on."""
    initial = {
        "person": request.GET.get("person", ""),
        "currency": organisation().currency,
        "start": request.user.today.replace(day=1),
    }
    form = QuotaForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusal_shown_in(form):
            saved = set_quota(user=values.pop("person"), actor=request.user, **values)
            later_toast(request, _("Quota set for %(person)s") % {"person": saved.user}, undo=undo_url(request))
            return redirect("commissions:quota_list")
    return render(request, "commissions/quota_new.html", {"form": form}, status=422 if form.errors else 200)


@FORM_METHODS
@requires(Action.EDIT_QUOTAS)
def quota_propose(request):
    """What each person's history proposes beside what is in force, and setting all of it."""
    if request.method == "POST":
        proposed, _holds, _count = set_quotas_from_history(actor=request.user, plan="plan" in request.POST)
        later_toast(request, _("%(count)s quotas set from history") % {"count": len(proposed)}, undo=undo_url(request))
        return redirect("commissions:quota_list")
    currency = organisation().currency
    proposed, holds, counted = propose_quotas(currency=currency)
    people = User.objects.visible_to(request.user).in_bulk([user for user, _amount in proposed])
    now = Quota.objects.visible_to(request.user).on(request.user.today)
    in_force = {each.user_id: each for each in now.filter(user__in=people)}
    rows = [{"person": people[user], "amount": amount, "now": in_force.get(user)} for user, amount in proposed]
    rows.sort(key=lambda row: row["person"].name)
    context = {"rows": rows, "holds": holds, "counted": counted, "currency": currency}
    return render(request, "commissions/quota_propose.html", context)


@require_safe
@requires(Action.SEE_OWN_PAY)
def plan_list(request):
    """The plans one sets, or is and was paid by."""
    plans = PlanVersion.objects.visible_to(request.user).with_people(request.user.today)
    return render(
        request, "commissions/plan_list.html", {"page": page_of(plans, ("name", "-number"), request.GET.get("after", ""))}
    )


@require_safe
@requires(Action.SEE_OWN_PAY)
def plan_detail(request, pk):
    """The rules in prose and, beside them, as the data they are computed from."""
    version = get_object_or_404(PlanVersion.objects.visible_to(request.user), pk=pk)
    return _plan_page(
        request, version, PlanAssignmentForm(user=request.user, initial={"start": request.user.today.replace(day=1)})
    )


@require_POST
@requires(Action.EDIT_QUOTAS)
def plan_assign(request, pk):
    """Pay a person by this plan from a month on."""
    version = get_object_or_404(PlanVersion.objects.visible_to(request.user), pk=pk)
    form = PlanAssignmentForm(request.POST, user=request.user)
    if form.is_valid():
        values = form.cleaned_data
        with refusal_shown_in(form):
            saved = assign_plan(user=values["person"], version=version, start=values["start"], actor=request.user)
            words = {"person": saved.user, "plan": version}
            later_toast(request, _("%(person)s is paid by %(plan)s") % words, undo=undo_url(request))
            return redirect(version)
    return _plan_page(request, version, form, status=422)


def _plan_page(request, version, form, status=200):
    rules = [{"component": each, "sentences": sentences(each, version.currency)} for each in version.plan.components]
    paid = PlanAssignment.objects.visible_to(request.user).filter(plan_version=version).select_related("user")
    context = {"version": version, "rules": rules, "page": page_of(paid, ("user__name", "pk"), request.GET.get("after", ""))}
    context["data"] = json.dumps(version.components, indent=2, ensure_ascii=False)
    context["form"] = form if request.user.may(Action.EDIT_QUOTAS) and version.signed_at else None
    return render(request, "commissions/plan_detail.html", context, status=status)
