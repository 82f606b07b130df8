"""When a colleague leaves, comes back, or passes everything on."""

from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast

from .. import handover
from ..access import requires
from ..forms.people import HandOverForm, LeaveForm
from ..roles import Action
from ..services import leaving as services
from .people import visible_person


def undo_leaving_url(request):
    """Where a departure is taken back, with the accounts and deals in it that an administrator does not see."""
    return reverse("people:leaving_undo", args=[request.context_id])


@require_POST
@requires(Action.EDIT_PEOPLE)
def leaving_undo(request, context):
    """Take back a departure with its handover."""
    services.undo_leaving(context=context, actor=request.user)
    return toast(request, _("Taken back."))


def form_page(request, form, **context):
    """The form with its title and button; what somebody leaves behind stands above it."""
    context["form"] = form
    return render(request, "people/role_form.html", context, status=422 if form.is_bound else 200)


@FORM_METHODS
@requires(Action.EDIT_PEOPLE)
@transaction.atomic
def person_deactivate(request, pk):
    """Say that a colleague has left; what is still covered and owned is counted and may pass to somebody."""
    person = visible_person(request, pk)
    if not person.is_active:
        return redirect(person)
    form = LeaveForm(request.POST or None, user=request.user, initial={"on": request.user.today})
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            services.deactivate_person(person=person, actor=request.user, **form.cleaned_data)
            text = _("%(name)s can no longer sign in.")
            if form.cleaned_data["to"]:
                text = _("%(name)s can no longer sign in; %(to)s takes over.")
            words = {"name": person, "to": form.cleaned_data["to"]}
            return toast(request, text % words, undo=undo_leaving_url(request), to=person.get_absolute_url())
    left = handover.left_by(person, request.user.today)
    title = _("%(name)s leaves") % {"name": person}
    return form_page(request, form, person=person, title=title, submit=_("Deactivate"), tone="danger", left=left)


@require_POST
@requires(Action.EDIT_PEOPLE)
def person_reactivate(request, pk):
    """Let a colleague sign in again."""
    person = visible_person(request, pk)
    services.reactivate_person(person=person, actor=request.user)
    text = _("%(name)s may sign in again. Give a role next.") % {"name": person}
    return toast(request, text, undo=undo_leaving_url(request), to=person.get_absolute_url())


@FORM_METHODS
@requires(Action.EDIT_PEOPLE)
@transaction.atomic
def person_hand_over(request, pk):
    """Pass on everything that a colleague covers and owns."""
    person = visible_person(request, pk)
    form = HandOverForm(request.POST or None, user=request.user, initial={"on": request.user.today})
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            services.hand_over(person=person, actor=request.user, **form.cleaned_data)
            words = {"name": person, "to": form.cleaned_data["to"]}
            return toast(
                request,
                _("%(to)s takes over from %(name)s.") % words,
                undo=undo_leaving_url(request),
                to=person.get_absolute_url(),
            )
    left = handover.left_by(person, request.user.today)
    title = _("Hand over what %(name)s covers") % {"name": person}
    return form_page(request, form, person=person, title=title, submit=_("Hand over"), left=left)
