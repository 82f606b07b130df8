"""Bringing specialists onto deals, asking for them, and the deals that one advises on."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pipeline.board import aged
from pipeline.forms import AskForm, BringInForm, PlaceForm
from pipeline.models import Ask, Deal, DealMember
from pipeline.services import ask_for, bring_in, fill_place, join_deal, leave_deal, withdraw_ask
from pipeline.specialists import BROUGHT_IN, candidates
from pipeline.views.deals import may_assign
from pipeline.views.filters import forecast_tab
from pipeline.visible import visible_accounts
from salesorg.lib.forms import refusal_shown_in
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.people.access import requires
from salesorg.people.models import User
from salesorg.people.roles import Action, Role

MOST = 100  # deals that one advises on; the deal list has the rest


def deal_to_staff(request, pk):
    """The deal whose people the reader may choose: its owner may, and whoever reassigns."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user).select_related("account", "owner", "product"), pk=pk)
    if not may_assign(request.user, deal):
        raise PermissionDenied
    return deal


def asked_role(request):
    """The role of ?role=, else a specialist."""
    asked = request.GET.get("role", "")
    return next((role for role in BROUGHT_IN if str(int(role)) == asked), Role.SPECIALIST)


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def deal_bring_in(request, pk):
    """Bring somebody onto the deal in a role (?role=): who fits and why, with what credit; or ask all who hold the role.

    ?instead=: into the place of a colleague who no longer works here.
    """
    deal, role = deal_to_staff(request, pk), asked_role(request)
    if place := place_of_who_left(request, deal):
        return fill_place_page(request, deal, place)
    form = BringInForm(request.POST or None, viewer=request.user, initial={"person": request.GET.get("to")})
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            member = bring_in(deal=deal, role=role, actor=request.user, **form.facts())
            text = _("%(name)s works on this deal now.") % {"name": member.user}
            return toast(request, text, undo=undo_url(request), to=deal.get_absolute_url())
    return bring_in_page(request, deal, role, form=form)


def place_of_who_left(request, deal):
    """The place on the deal of the person of ?instead=, when they have left; else None."""
    asked = request.GET.get("instead", "")
    places = DealMember.objects.visible_to(request.user).on(request.user.today).filter(deal=deal, user__is_active=False)
    return places.filter(user=int(asked[:9])).select_related("user").first() if asked.isdecimal() else None


def fill_place_page(request, deal, place):
    """Somebody takes the place, with the same role and shares."""
    form = PlaceForm(request.POST or None, viewer=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_shown_in(form):
            fill_place(deal=deal, gone=place.user, actor=request.user, **form.cleaned_data)
            text = _("%(name)s works on this deal now.") % {"name": form.cleaned_data["person"]}
            return toast(request, text, undo=undo_url(request), to=deal.get_absolute_url())
    context = {"form": form, "deal": deal, "member": place}
    return render(request, "pipeline/deal_fill_place.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Action.EDIT_DEALS)
def deal_ask(request, pk):
    """Ask everybody who holds the role (?role=) to join the deal."""
    deal, role = deal_to_staff(request, pk), asked_role(request)
    form = AskForm(request.POST)
    if form.is_valid():
        with refusal_shown_in(form):
            ask_for(deal=deal, role=role, actor=request.user, **form.cleaned_data)
            text = _("Everybody who is %(role)s sees it now.") % {"role": role.label}
            return toast(request, text, undo=undo_url(request), to=deal.get_absolute_url())
    return bring_in_page(request, deal, role, ask_form=form)


def bring_in_page(request, deal, role, *, form=None, ask_form=None):
    refused = any(each is not None and each.is_bound for each in (form, ask_form))
    context = {
        "deal": deal,
        "role": role,
        "roles": [(each, each.label) for each in BROUGHT_IN],
        "candidates": candidates(deal, role, request.user) if deal.is_open else [],
        "form": form or BringInForm(viewer=request.user),
        "ask_form": ask_form or AskForm(),
        "asked": Ask.objects.visible_to(request.user).open().filter(deal=deal, role=role).select_related("asked_by").first(),
    }
    return render(request, "pipeline/deal_bring_in.html", context, status=422 if refused else 200)


@require_POST
@requires(Action.READ_RECORDS)
def deal_leave(request, pk, person):
    """Take somebody off the deal: oneself, or as its owner or whoever reassigns anybody."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user).select_related("owner"), pk=pk)
    who = get_object_or_404(User.objects.visible_to(request.user), pk=person)
    if who.pk != request.user.pk and not may_assign(request.user, deal):
        raise PermissionDenied
    leave_deal(deal=deal, person=who, actor=request.user)
    seen = Deal.objects.visible_to(request.user).filter(pk=deal.pk).exists()
    text = _("%(name)s no longer works on “%(deal)s”.") % {"name": who, "deal": deal}
    return toast(request, text, undo=undo_url(request), to=deal.get_absolute_url() if seen else reverse("pipeline:advice_list"))


@require_safe
@requires(Action.READ_RECORDS)
def advice_list(request):
    """The open deals of others on which the reader works, by what is due; and those that ask for the reader's role."""
    user = request.user
    mine = DealMember.objects.visible_to(user).on(user.today).filter(user=user, deal__status="open").exclude(deal__owner=user)
    members = list(
        mine.select_related("deal__account", "deal__owner", "deal__stage__stay").order_by("deal__next_step_on", "pk")[:MOST]
    )
    aged([member.deal for member in members])
    asks = Ask.objects.visible_to(user).to_me(user).select_related("deal__account", "deal__product", "asked_by")
    context = {
        "members": members,
        "asks": asks[:MOST],
        "seen": visible_accounts(user, {member.deal.account_id for member in members}),
        "may_log": user.may(Action.LOG_ACTIVITY),
        "views": [
            {"label": _("Board"), "url": reverse("pipeline:board")},
            {"label": _("List"), "url": reverse("pipeline:deal_list")},
            {"label": _("Advising"), "url": "?", "current": True},
            *forecast_tab(user),
        ],
    }
    return render(request, "pipeline/advice_list.html", context)


@require_POST
@requires(Action.READ_RECORDS)
def ask_join(request, pk):
    """Join the deal that asks for one's role."""
    ask = get_object_or_404(Ask.objects.visible_to(request.user).select_related("deal"), pk=pk)
    if ask.role not in request.user.scope.roles:
        raise PermissionDenied
    member = join_deal(ask=ask, actor=request.user)
    return toast(request, _("You work on this deal now."), undo=undo_url(request), to=member.deal.get_absolute_url())


@require_POST
@requires(Action.EDIT_DEALS)
def ask_withdraw(request, pk):
    """Take the question back: who asked may, the deal's owner, and whoever reassigns."""
    ask = get_object_or_404(Ask.objects.visible_to(request.user).select_related("deal"), pk=pk)
    if ask.asked_by_id != request.user.pk and not may_assign(request.user, ask.deal):
        raise PermissionDenied
    withdraw_ask(ask=ask, actor=request.user)
    return toast(request, _("Nobody is asked any more."), undo=undo_url(request), to=ask.deal.get_absolute_url())
