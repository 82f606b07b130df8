"""Who owns a deal and who works on it with what share."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pipeline.forms import BaseShareFormSet, OwnerForm, ShareFormSet, basis_points
from pipeline.models import Deal, DealMember
from pipeline.services import Share, assign_deals, set_members, standing_of
from pipeline.views.deals import may_assign
from salesorg.lib.errors import DomainError
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.roles import Action


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def deal_assign(request, pk):
    """Hand a deal to another owner: its owner may, and whoever reassigns."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user).select_related("owner"), pk=pk)
    if not may_assign(request.user, deal):
        raise PermissionDenied
    form = OwnerForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid() and assigned(form, deal, request.user):
        text = _("%(name)s owns this deal now.") % {"name": form.cleaned_data["owner"]}
        seen = Deal.objects.visible_to(request.user).filter(pk=deal.pk).exists()
        to = deal.get_absolute_url() if seen else reverse("pipeline:board")
        return toast(request, text, undo=undo_url(request), to=to)
    context = {"form": form, "deal": deal}
    return render(request, "pipeline/deal_assign.html", context, status=422 if form.is_bound else 200)


def assigned(form, deal, actor):
    try:
        assign_deals(deals=Deal.objects.visible_to(actor).filter(pk=deal.pk), owner=form.cleaned_data["owner"], actor=actor)
    except DomainError as error:
        form.add_error("owner", str(error))
        return False
    return True


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def deal_members(request, pk):
    """Who works on a deal from today, and how its revenue is divided: its owner says, and whoever reassigns."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user).select_related("owner"), pk=pk)
    if not may_assign(request.user, deal):
        raise PermissionDenied
    there = DealMember.objects.visible_to(request.user).on(request.user.today).filter(deal=deal)
    members = list(there.order_by("-revenue_share", "pk"))
    initial = BaseShareFormSet.initial_of(members)
    formset = ShareFormSet(request.POST or None, initial=initial, form_kwargs={"viewer": request.user}, prefix="share")
    refused = ""
    if request.method == "POST" and formset.is_valid():
        try:
            with transaction.atomic():
                set_members(deal=deal, shares=shares_of(formset), seen=request.POST.get("seen"), actor=request.user)
        except DomainError as error:
            refused = str(error)
        else:
            undo = undo_url(request)
            return toast(request, _("Shares saved."), undo=undo, to=deal.get_absolute_url())
    context = {
        "formset": formset,
        "deal": deal,
        "refused": refused,
        "seen": standing_of(members),
        "members": members if refused else [],
    }
    return render(request, "pipeline/deal_members.html", context, status=422 if formset.is_bound else 200)


def shares_of(formset):
    """The rows that name a person and are not taken away."""
    return [
        Share(row["user"], row["role"], basis_points(row["revenue"]), basis_points(row["overlay"]))
        for row in (form.cleaned_data for form in formset)
        if row.get("user") and not row.get("DELETE")
    ]
