"""Who is what in which team and from when, and who assists whom."""

from datetime import timedelta

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url

from .. import handover
from ..access import requires
from ..forms.people import AssistanceForm, EndForm, EndMembershipForm, MembershipForm
from ..models import Assistance, Membership
from ..roles import Action
from ..services import people as services
from ..services.leaving import hand_over
from .leaving import form_page, undo_leaving_url
from .people import visible_person


@FORM_METHODS
@requires(Action.EDIT_PEOPLE)
def membership_new(request, pk):
    """Give a colleague a role in a team."""
    person = visible_person(request, pk)
    form = MembershipForm(request.POST or None, user=request.user, initial={"since": request.user.today})
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            made = services.add_membership(person=person, actor=request.user, **form.cleaned_data)
            words = {"name": person, "role": made.get_role_display(), "team": made.team}
            return toast(
                request, _("%(name)s: %(role)s in %(team)s.") % words, undo=undo_url(request), to=person.get_absolute_url()
            )
    return form_page(request, form, person=person, title=_("Add a role"), submit=_("Add role"))


@FORM_METHODS
@requires(Action.EDIT_PEOPLE)
@transaction.atomic
def membership_end(request, pk):
    """End a role. When it is the last one, what the person covers and owns is offered to a colleague."""
    memberships = Membership.objects.visible_to(request.user)
    membership = get_object_or_404(memberships.select_related("user", "team"), pk=pk)
    person, today = membership.user, request.user.today
    others = memberships.filter(user=person, during__endswith__isnull=True).exclude(pk=membership.pk)
    left = [] if others.exists() else handover.left_by(person, today)
    form = (EndMembershipForm if left else EndForm)(
        request.POST or None, user=request.user, initial={"last_day": today - timedelta(days=1)}
    )
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            if form.cleaned_data.get("to"):
                hand_over(person=person, to=form.cleaned_data["to"], on=form.first_day_without, actor=request.user)
            services.end_membership(membership=membership, last_day=form.cleaned_data["last_day"], actor=request.user)
            return toast(request, _("The role ends."), undo=undo_leaving_url(request), to=person.get_absolute_url())
    words = {"role": membership.get_role_display(), "team": membership.team}
    return form_page(
        request, form, person=person, title=_("End %(role)s in %(team)s") % words, submit=_("End role"), tone="danger", left=left
    )


@FORM_METHODS
@requires(Action.EDIT_PEOPLE)
def assistance_new(request, pk):
    """Say whom a sales assistant assists."""
    person = visible_person(request, pk)
    form = AssistanceForm(request.POST or None, user=request.user, initial={"since": request.user.today})
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            made = services.add_assistance(assistant=person, actor=request.user, **form.cleaned_data)
            words = {"name": person, "principal": made.principal}
            return toast(
                request, _("%(name)s assists %(principal)s.") % words, undo=undo_url(request), to=person.get_absolute_url()
            )
    return form_page(request, form, person=person, title=_("Assist a colleague"), submit=_("Save"))


@FORM_METHODS
@requires(Action.EDIT_PEOPLE)
def assistance_end(request, pk):
    """End an assistance."""
    found = get_object_or_404(Assistance.objects.visible_to(request.user).select_related("assistant", "principal"), pk=pk)
    form = EndForm(request.POST or None, user=request.user, initial={"last_day": request.user.today - timedelta(days=1)})
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            services.end_assistance(assistance=found, last_day=form.cleaned_data["last_day"], actor=request.user)
            return toast(request, _("The assistance ends."), undo=undo_url(request), to=found.assistant.get_absolute_url())
    title = _("End assisting %(name)s") % {"name": found.principal}
    return form_page(request, form, person=found.assistant, title=title, submit=_("End"), tone="danger")
