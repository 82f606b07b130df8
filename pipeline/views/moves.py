"""Moving deals: from the board, the deal page and the dialog that asks for what is missing."""

from urllib.parse import urlsplit

from django.db import transaction
from django.http import QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pipeline import board as boards
from pipeline.forms import MoveForm
from pipeline.models import Deal, Stage, Status
from pipeline.services import Exits, lacks, may_override, move_deal, refusal
from salesorg.lib.errors import DomainError
from salesorg.lib.http import toast, undo_url, with_toast
from salesorg.people.access import requires
from salesorg.people.roles import Action


@require_POST
@requires(Action.EDIT_DEALS)
@transaction.atomic
def deal_move(request, pk):
    """Move a deal to a stage; what its gates ask for is asked in a small form, and the move goes through with it."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user).select_related("stage", "account"), pk=pk)
    stage = stage_of(request.user, request.POST.get("stage"))
    seen = stage_of(request.user, request.POST["seen"]) if request.POST.get("seen") else deal.stage
    form = move_form(request, deal, stage, request.POST) if "asked" in request.POST else None
    if form and not form.is_valid():
        return ask(request, form, deal, stage, seen)
    facts = form.facts() | form.passing() if form else {}
    try:
        now = move_deal(deal=deal, stage=stage, actor=request.user, seen=seen, **facts)
    except DomainError:
        if form or not (form := move_form(request, deal, stage)).asks:
            raise
        return ask(request, form, deal, stage, seen)
    return moved(request, now, seen)


def move_form(request, deal, stage, typed=None):
    """The form for what the gates ask of this move; most moves need nothing, and never come to it."""
    needs = {"lacking": lacks(deal, stage), "unmet": unmet_by(deal, stage), "may_override": may_override(request.user)}
    return MoveForm(typed, user=request.user, instance=deal, stage=stage, **needs)


def unmet_by(deal, stage):
    """The exit criteria that keep `deal` from `stage`, as of now: they may have changed since the dialog was opened."""
    exits = Exits([deal])
    return exits.unmet(deal, exits.asked(deal, stage))


def stage_of(user, number):
    """The stage that a form names; one that cannot be read is refused in words."""
    stages = Stage.objects.visible_to(user)
    stage = stages.filter(pk=number).first() if number and number.isdecimal() and len(number) < 18 else None
    if stage is None:
        raise DomainError(_("Choose the stage to move to."), fields=["stage"])
    return stage


def ask(request, form, deal, stage, seen):
    """The form for what is missing: in the dialog for htmx, else on a page of its own."""
    template = "pipeline/_move_form.html" if request.htmx else "pipeline/deal_move.html"
    context = {"form": form, "deal": deal, "stage": stage, "seen": seen, "refusal": refusal(stage.status, lacks(deal, stage))}
    return render(request, template, context, status=422)


def moved(request, deal, before):
    """Say where the deal is now, offer to undo, and bring the sums of both columns when a board asked."""
    text = _("%(deal)s is now in %(stage)s.") % {"deal": deal, "stage": deal.stage}
    undo = undo_url(request)
    page = urlsplit(request.htmx.current_url or "") if request.htmx else None
    if page is None or page.path != reverse("pipeline:board"):
        return toast(request, text, undo=undo, to=deal.get_absolute_url())
    selection = boards.selection_for(request.user, QueryDict(page.query))
    columns = boards.columns(selection, only={before.pk, deal.stage_id}, with_cards=False)
    card = boards.open_deals(selection).filter(pk=deal.pk).select_related("account", "owner", "stage")
    cards = boards.as_cards(list(card), selection)
    context = {"columns": columns, "cards": cards, "may_move": True, "closed_days": boards.CLOSED_DAYS}
    answer = render(request, "pipeline/_moved.html", context)
    if deal.status != Status.WON:
        return with_toast(answer, text, undo=undo)
    # The card has left the board: the contract is one click away all the same.
    return with_toast(
        answer,
        _("%(deal)s is won. Make the contract") % {"deal": deal},
        undo=undo,
        url=reverse("pipeline:contract_new", args=[deal.pk]),
    )
