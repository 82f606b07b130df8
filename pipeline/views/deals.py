"""Deals as a list and one by one: reading, creating, changing."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.timeline import ICONS
from pipeline.board import aged, as_they_stood
from pipeline.columns import deal_facts, deal_listing, in_all, summed
from pipeline.criteria import kind_of
from pipeline.exit_facts import CHECK
from pipeline.forms import DealForm, NewDealForm
from pipeline.holders import note_holders
from pipeline.models import Ask, Deal, DealActivity, DealMember, DealType, DealVersion, GateDebt, Handoff, Status, Tick
from pipeline.querysets.deals import deals_once_worked_by
from pipeline.reports.deals import totals
from pipeline.selections.deals import ANY, DealSelection
from pipeline.services import Exits, change_deal, create_deal, lacks, refusal
from pipeline.views.comparison import deals_compared
from pipeline.views.filters import DAYS, advising, forecast_tab, menus, more
from pipeline.visible import visible_accounts
from salesorg.lib.forms import in_words
from salesorg.lib.http import FORM_METHODS, toast, undo_url
from salesorg.lib.past import opens_any_day
from salesorg.lib.search import answers_by_index
from salesorg.people.access import requires
from salesorg.people.models import User
from salesorg.people.roles import Action, Role

OF_DEAL = ("name", "status", "amount", "currency", "close_date", "next_step", "next_step_on", "gate_debt")
ROW = (  # columns a list shows
    *OF_DEAL,
    *("forecast_category", "product_id", "type", "opened_on"),
    *("account__name", "owner__name", "stage__name", "stage__status"),
)
VERSIONS = 20
HANDOFFS = 5
HAND_OVER_DAYS = 14  # after a win in which its page asks to hand the customer over
ACTIVITIES = 10


@require_safe
@requires(Action.READ_RECORDS)
@answers_by_index
@opens_any_day
def deal_list(request):
    """Deals by filters of the address, with their number and sums."""
    selection = DealSelection(request.GET, user=request.user, status=Status.OPEN)
    if selection.compared:
        return deals_compared(request, selection, view_switch(selection))
    deals = selection.deals()
    listing = deal_listing(selection)
    page = listing.page(deals.select_related("account", "owner", "stage").only(*ROW), request.GET)
    if selection.day:
        as_they_stood(page.rows, selection)
    sums = totals(deals, selection.column("amount"))
    facts = deal_facts(listing, page.rows, sums, request.user)
    context = listing.context(page, facts) | {
        "selection": selection,
        "totals": sums,
        "foot": listing.foot({"name": in_all(sums.count), "amount": summed(sums.amounts)}),
        "may_edit": request.user.may(Action.EDIT_DEALS),
        "bulk_url": reverse("pipeline:deals_change") if listing.pick else "",
        "may_export": request.user.may(Action.EXPORT),
        "chips": chips(selection),
        "menus": menus(selection, "pipeline", "stage", "team", "territory", "product"),
        "more": more(selection, days=DAYS),
        "views": view_switch(selection),
    }
    return render(request, "pipeline/deal_list.html", context)


def view_switch(selection):
    """List or board of the same deals."""
    return [
        {"label": _("Board"), "url": f"{reverse('pipeline:board')}?{selection.query(status=None, stage=None, differs=None)}"},
        {"label": _("List"), "url": "?" + selection.query(), "current": True},
        *advising(selection.user),
        *forecast_tab(selection.user),
    ]


def chips(selection):
    """The quick filters above the list."""
    status, owner, debt = (selection.get(name) for name in ("status", "owner", "debt"))

    def chip(label, on, **changes):
        return {"label": label, "url": "?" + selection.query(**changes), "on": on}

    kinds = (("open", _("Open")), ("won", _("Won")), ("lost", _("Lost")), (ANY, _("All")))
    return [
        *(chip(label, status == kind, status=kind) for kind, label in kinds),
        chip(_("Mine"), owner == "me", owner=None if owner == "me" else "me"),
        *([] if selection.day else [selection.chip(_("Rotting"), "age", "rotting")]),
        chip(_("Facts missing"), bool(debt), debt=None if debt else "any"),
    ]


@require_safe
@requires(Action.READ_RECORDS)
def deal_detail(request, pk):
    """One deal with all that hangs on it; for whoever once worked on it and no longer sees it, a summary."""
    deals = Deal.objects.visible_to(request.user).select_related(
        "account", "owner", "stage__stay", "pipeline", "product", "loss_reason"
    )
    asking = Ask.objects.visible_to(request.user).filter(deal=OuterRef("pk"), ended_at=None).order_by("role")
    deal = deals.annotate(asked_roles=ArraySubquery(asking.values("role"))).filter(pk=pk).first()
    if deal is None:
        return deal_summary(request, pk)
    note_holders(aged([deal]), request.user.today)
    handoffs = list(Handoff.objects.visible_to(request.user).counted().filter(deal=deal).for_people()[:HANDOFFS])
    may_hand_over = deal.status != Status.LOST and may_assign(request.user, deal)
    ticks = {tick.criterion_id: tick for tick in Tick.objects.visible_to(request.user).filter(deal=deal).select_related("user")}
    exits = Exits([deal], ticked={(deal.pk, criterion) for criterion in ticks})
    context = {
        "deal": deal,
        "account_visible": bool(visible_accounts(request.user, [deal.account_id])),
        "stages": stepper(exits, deal),
        "checklist": checklist(deal, exits, ticks) if deal.is_open else [],
        "members": members_of(request.user, deal),
        "activities": activities_of(request.user, deal),
        "versions": versions_of(request.user, deal),
        "owes": refusal(deal.status, lacks(deal)) if deal.gate_debt else "",
        "debts": [GateDebt(code).label for code in deal.gate_debt],
        "asks": [Role(role) for role in deal.asked_roles] if deal.is_open else [],
        "may_staff": deal.is_open and may_assign(request.user, deal),
        "may_edit": request.user.may(Action.EDIT_DEALS),
        "may_assign": deal.is_open and may_assign(request.user, deal),
        "may_hand_over": may_hand_over,
        "handoffs": handoffs,
        "won_just_now": may_hand_over and just_won(deal, request.user.today) and not any(each.is_after_sale for each in handoffs),
        "may_log": request.user.may(Action.LOG_ACTIVITY),
    }
    return render(request, "pipeline/deal_detail.html", context)


def members_of(user, deal):
    """Who works on the deal today: those who share its revenue first, then those credited beside it."""
    members = DealMember.objects.visible_to(user).filter(deal=deal).on(user.today).select_related("user")
    return members.order_by("-revenue_share", "-overlay_share", "pk")


def just_won(deal, today):
    """Whether the deal was won so lately that the customer is still to be handed over."""
    return deal.status == Status.WON and deal.close_date is not None and (today - deal.close_date).days <= HAND_OVER_DAYS


def may_assign(user, deal):
    """Whoever reassigns may hand over any visible deal, a seller the own ones."""
    return user.may(Action.REASSIGN) or (user.may(Action.EDIT_DEALS) and deal.owner_id == user.pk)


def deal_summary(request, pk):
    """What whoever owned a deal or had a share in it may still read of it; for anybody else it is not there."""
    deal = deals_once_worked_by(request.user).select_related("account", "owner", "stage").filter(pk=pk).first()
    if deal is None:
        raise Http404
    members = deal.members.filter(user=request.user).order_by("during")
    return render(request, "pipeline/deal_summary.html", {"deal": deal, "members": members})


def stepper(exits, deal):
    """The stages of the deal's pipeline as steps: done, current, to come. One no longer in use only while the deal is in it."""
    stages = [stage for stage in exits.stages.values() if stage.archived_at is None or stage.pk == deal.stage_id]
    for stage in stages:
        stage.is_current = stage.pk == deal.stage_id
        stage.is_done = stage.position < deal.stage.position and stage.status == Status.OPEN and deal.status != Status.LOST
    return stages


def checklist(deal, exits, ticks):
    """The exit criteria of the deal's stage: what each says, whether it is met and where; of a tick by whom and when."""
    criteria = exits.of_stage(deal.stage)
    unmet = {criterion.pk for criterion in exits.unmet(deal, criteria)}
    return [
        {
            "criterion": criterion,
            "is_met": criterion.pk not in unmet,
            "is_check": criterion.kind == CHECK,
            "tick": ticks.get(criterion.pk),
            "url": kind_of(criterion.kind).where(deal, criterion.value),
        }
        for criterion in criteria
    ]


def activities_of(user, deal):
    """The deal's activities as events of a timeline, newest first."""
    linked = DealActivity.objects.visible_to(user).filter(deal=deal).select_related("activity__user")
    return [
        {
            "icon": ICONS[activity.kind],
            "text": str(activity),
            "detail": activity.note[:300],
            "at": activity.done_at or activity.due_on,
            "who": activity.user.name,
        }
        for activity in [link.activity for link in linked.order_by("-activity__done_at", "-pk")[:ACTIVITIES]]
    ]


def versions_of(user, deal):
    """The states the deal was in, newest first, each saying what changed to make it."""
    kept = DealVersion.objects.visible_to(user).filter(deal=deal).select_related("stage", "owner")
    versions = list(kept.order_by("-during")[: VERSIONS + 1])
    people = User.objects.visible_to(user).in_bulk({version.actor_id for version in versions})
    events = []
    for version, before in zip(versions, [*versions[1:], None], strict=True):
        who = people.get(version.actor_id)
        events.append(
            {
                "icon": "plus-lg" if before is None else "arrow-right",
                "text": changes_between(before, version),
                "at": version.during.lower,
                "who": who.name if who else "",
            }
        )
    return events[:VERSIONS]


def changes_between(before, version):
    """What made a new version, in words."""
    if before is None:
        return _("Opened in %(stage)s") % {"stage": version.stage}
    words = []
    if before.stage_id != version.stage_id:
        words.append(_("%(before)s → %(after)s") % {"before": before.stage, "after": version.stage})
    if before.owner_id != version.owner_id:
        words.append(_("owner %(before)s → %(after)s") % {"before": before.owner, "after": version.owner})
    if before.amount != version.amount:
        words.append(_("amount %(before)s → %(after)s") % {"before": plain(before.amount), "after": plain(version.amount)})
    if before.close_date != version.close_date:
        days = {"before": in_words(before.close_date), "after": in_words(version.close_date)}
        words.append(_("close date %(before)s → %(after)s") % days)
    if before.forecast_category != version.forecast_category:
        words.append(_("forecast %(after)s") % {"after": version.get_forecast_category_display()})
    return ", ".join(words)


def plain(amount):
    return "–" if amount is None else f"{amount.normalize():,f}"


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def deal_new(request):
    """Open a deal, for ?account= and as ?type= (new, expansion, renewal) when these are given."""
    initial = {"account": request.GET.get("account")} if request.GET.get("account", "").isdecimal() else {}
    initial |= {"type": request.GET["type"]} if request.GET.get("type") in DealType.values else {}
    form = NewDealForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.saved_by(create_deal):
        undo = undo_url(request)
        return toast(request, _("%(deal)s is open.") % {"deal": form.instance}, undo=undo, to=form.instance.get_absolute_url())
    status = 422 if form.is_bound else 200
    return render(request, "pipeline/deal_form.html", {"form": form, "title": _("New deal")}, status=status)


@FORM_METHODS
@requires(Action.EDIT_DEALS)
def deal_edit(request, pk):
    """Change the facts of a deal."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user).select_related("account", "stage"), pk=pk)
    form = DealForm(request.POST or None, user=request.user, instance=deal)
    if request.method == "POST" and form.saved_by(change_deal, deal=deal):
        undo = undo_url(request)
        return toast(request, _("Saved."), undo=undo, to=deal.get_absolute_url())
    owes = refusal(deal.status, lacks(deal)) if deal.gate_debt else ""
    context = {"form": form, "deal": deal, "title": _("Edit %(deal)s") % {"deal": deal.name}, "owes": owes}
    return render(request, "pipeline/deal_form.html", context, status=422 if form.is_bound else 200)
