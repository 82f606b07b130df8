"""Creating, changing, moving and handing over deals."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.engine.stages import close_date_on_move
from pipeline.models import Deal, DealActivity, Status
from salesorg.lib.errors import DomainError
from salesorg.people.models import User, organisation
from salesorg.people.roles import Action
from salesorg.people.services.leaving import hold_colleague

from .gates import Exits, check_gates, exit_refusal, hold_stage, let_pass, tick
from .members import first_member, members_follow

# What a person may change in place. Stage and owner have services of their own, because more follows from them.
CHANGEABLE = frozenset(
    {
        "account",
        "amount",
        "close_date",
        "currency",
        "forecast_category",
        "loss_reason",
        "name",
        "next_step",
        "next_step_on",
        "product",
        "type",
    }
)
GATED = ("status", "gate_debt")
MOVED = frozenset({"stage", "stage_since", "forecast_category", "close_date", "loss_reason"})  # what a move sets


@transaction.atomic
def create_deal(*, owner, stage, actor, today=None, **facts):
    """A new deal of `owner` in `stage`; the owner gets all of its revenue. Returns the Deal.

    What it is, unless `facts` say so, follows from the pipeline: new business, an expansion or a renewal.
    Raises DomainError naming the fields when a fact that the stage's status demands is missing, when it would begin
    beyond a stage whose exit criteria it does not meet, and for a deal that was opened today with exactly these facts.
    """
    _only(facts, CHANGEABLE)
    stage = hold_stage(stage)
    check_may_own(owner)
    today = today or organisation().today()
    _refuse_repetition(owner=owner, stage=stage, opened_on=today, **facts)
    deal = Deal(owner=owner, pipeline=stage.pipeline, opened_on=today, **{"type": stage.pipeline.deal_type} | facts)
    exits = Exits([deal])
    asked = exits.asked(deal, stage)
    _enter(deal, stage)
    if "forecast_category" in facts:
        deal.forecast_category = facts["forecast_category"]
    check_gates(deal)
    if unmet := exits.unmet(deal, asked):
        raise exit_refusal(deal, unmet, exits)
    deal.save()
    first_member(deal, today)
    return deal


@transaction.atomic
def change_deal(*, deal, actor, **facts):
    """Change the given facts of `deal`, leaving all others as they are. Returns the deal as it is now.

    The gates are asked again, so the first edit of an imported deal must bring what the import could not.
    """
    _only(facts, CHANGEABLE)
    deal = _locked(deal)
    give(deal, facts)
    deal.save(update_fields=[*facts, *GATED])
    return deal


@transaction.atomic
def move_deal(*, deal, stage, actor, seen=None, today=None, ticks=(), override="", **facts):
    """Move `deal` to `stage`, filling in `facts` on the way; to close and to reopen are moves too. Returns the deal.

    A move forward must meet the exit criteria of the stage it leaves and of those it skips; `ticks` are sentences of the
    checklist that the actor says are true. With a reason as `override`, who may lets it pass without, and that is reported.
    `seen` is the stage in which the person saw the deal: when somebody else has moved it on meanwhile, the move is
    refused with both in words, and nothing is overwritten. A deal that closes gets today as its close date
    unless `facts` bring another; one that is no longer lost loses its loss reason.
    """
    _only(facts, CHANGEABLE)
    stage = hold_stage(stage)
    deal = _locked(deal)
    if deal.pipeline_id != stage.pipeline_id:
        raise DomainError(_("“%(stage)s” belongs to another pipeline.") % {"stage": stage}, fields=["stage"])
    if deal.stage_id == stage.pk:
        return deal
    if seen is not None and deal.stage_id != seen.pk:
        raise DomainError(_moved_meanwhile(deal))
    for criterion in ticks:
        tick(deal=deal, criterion=criterion, ticked=True, actor=actor)
    exits = Exits([deal])
    before = exits.stages[deal.stage_id]
    unmet = bring(deal, stage, facts, today or organisation().today(), exits)
    if unmet and not override.strip():
        raise exit_refusal(deal, unmet, exits)
    deal.save(update_fields=[*MOVED.union(facts), *GATED])
    if unmet:
        let_pass(deal, unmet, before, actor=actor, reason=override.strip())
    return deal


@transaction.atomic
def assign_deals(*, deals, owner, actor, today=None):
    """Make `owner` the owner of `deals` (a queryset); the former owners' shares pass to them. Returns how many changed.

    The gates are not asked: handing over the work of a colleague who left must not wait for facts nobody has.
    Raises DomainError for a closed deal, because pay follows who owned it on the day it closed.
    """
    check_may_own(owner)
    deals = [deal for deal in deals.select_for_update().order_by("pk") if deal.owner_id != owner.pk]
    for deal in deals:
        check_may_pass_on(deal)
    members_follow(deals, owner, today or organisation().today())
    Deal.objects.filter(pk__in=[deal.pk for deal in deals]).update(owner=owner)
    return len(deals)


@transaction.atomic
def link_activity(*, deal, activity, actor):
    """Say that `activity` was about `deal`. Doing it twice changes nothing."""
    if activity.account_id != deal.account_id:
        raise DomainError(_("This activity took place at another account than the deal's."))
    link, _created = DealActivity.objects.get_or_create(activity=activity, defaults={"deal": deal})
    if link.deal_id != deal.pk:
        raise DomainError(_("This activity is already linked to another deal."))
    return link


def give(deal, facts):
    """Set `facts` on a deal in memory and ask the gates, which refuse with a DomainError."""
    for name, value in facts.items():
        setattr(deal, name, value)
    check_gates(deal)


def bring(deal, stage, facts, today, exits):
    """Move a deal in memory to `stage` with `facts` and ask the gates, which refuse with a DomainError.

    Returns the exit criteria that it does not meet, as `exits` (Exits) say; whoever calls refuses or lets it pass.
    """
    before, asked = deal.status, exits.asked(deal, stage)
    _enter(deal, stage)
    deal.close_date = close_date_on_move(before, deal.status, deal.close_date, today)
    if deal.status != Status.LOST:
        deal.loss_reason = None
    give(deal, facts)
    return exits.unmet(deal, asked)


def check_may_pass_on(deal):
    """Refuse to give a closed deal to somebody else: pay follows who owned it on the day it closed."""
    if not deal.is_open:
        raise DomainError(
            _("“%(deal)s” is closed: it stays with the person who closed it. Reopen it first.") % {"deal": deal}, fields=["owner"]
        )


def check_may_own(owner):
    """Refuse an owner who could not work on a deal."""
    owner = hold_colleague(owner, field="owner")
    if not owner.may(Action.EDIT_DEALS):
        raise DomainError(_("%(name)s has no role in sales today. Choose somebody else.") % {"name": owner}, fields=["owner"])


def _refuse_repetition(**facts):
    """Refuse what was just saved with exactly these facts: somebody clicked twice. The lock on the owner keeps it exact."""
    if Deal.objects.filter(**facts).exists():
        raise DomainError(_("You have just opened this deal. To open another like it, give it another name."), fields=["name"])


def _enter(deal, stage):
    deal.stage = stage
    deal.status = stage.status
    deal.forecast_category = stage.forecast_category
    deal.stage_since = timezone.now()


def _locked(deal):
    """The deal as it is now; whoever else changes it waits until this transaction ends."""
    # Without joins: a row that changed while one waited for it no longer meets the join it was found by, and would vanish.
    return Deal.objects.select_for_update().get(pk=deal.pk)


def _moved_meanwhile(deal):
    """Who moved the deal, and where it is now."""
    last = deal.versions.order_by("-pk").values_list("actor_id", flat=True).first()
    mover = User.objects.filter(pk=last).first()
    words = {"stage": deal.stage, "who": mover or _("Somebody else")}
    return _("%(who)s has moved this deal to “%(stage)s” meanwhile. Look again before you move it.") % words


def _only(facts, allowed):
    unknown = facts.keys() - allowed
    if unknown:
        raise TypeError(f"Not a fact of a deal that can be given here: {', '.join(sorted(unknown))}")
