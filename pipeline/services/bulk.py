"""Changing many deals at once: the gates hold for each, those refused are named, all others go on."""

from collections import defaultdict
from copy import copy

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.models import Deal
from salesorg.lib.bulk import Plan
from salesorg.lib.errors import DomainError
from salesorg.people.models import organisation
from salesorg.people.roles import Action

from .deals import CHANGEABLE, GATED, MOVED, bring, check_may_own, check_may_pass_on, give
from .gates import Exits, exit_refusal, hold_stage
from .members import members_follow

SHOWN = ("owner", "stage", "close_date", "next_step", "next_step_on", "loss_reason")  # in a preview, of what changes


def plan_deal_changes(*, deals, actor, owner=None, stage=None, today=None, **facts):
    """The Plan of passing `deals` (rows) on to `owner`, moving them to `stage` and giving them `facts`.

    A row that changes stands in the plan as it will be; nothing is written.
    """
    if owner is not None:
        check_may_own(owner)
    today, plan = today or organisation().today(), Plan()
    if stage is not None:
        stage, deals = hold_stage(stage), list(deals)
    exits = Exits(deals) if stage is not None else None
    for was in deals:
        deal = copy(was)
        deal._state = copy(was._state)
        deal._state.fields_cache = dict(was._state.fields_cache)
        try:
            _change(deal, actor, owner, stage, facts, today, exits)
        except DomainError as error:
            plan.refused.append((was, str(error)))
            continue
        if all(getattr(was, field.attname) == getattr(deal, field.attname) for field in _columns(facts)):
            plan.same += 1
        else:
            plan.changes.append((deal, {name: getattr(was, name) for name in SHOWN if getattr(was, name) != getattr(deal, name)}))
    return plan


def _change(deal, actor, owner, stage, facts, today, exits):
    """What one deal becomes; raises DomainError where a form would refuse."""
    if owner is not None and owner.pk != deal.owner_id:
        if not actor.may(Action.REASSIGN) and deal.owner_id != actor.pk:
            raise DomainError(_("Only its owner, or who reassigns, passes this deal on."))
        check_may_pass_on(deal)
        deal.owner = owner
    if stage is not None and stage.pk != deal.stage_id:
        if stage.pipeline_id != deal.pipeline_id:
            raise DomainError(_("“%(stage)s” belongs to another pipeline.") % {"stage": stage})
        if unmet := bring(deal, stage, facts, today, exits):
            raise exit_refusal(deal, unmet, exits)
    elif facts:
        give(deal, facts)


def _columns(facts):
    """The columns that a change may touch, but for the moment of entering a stage."""
    names = {"owner", *MOVED, *GATED, *facts} - {"stage_since"}
    return [Deal._meta.get_field(name) for name in sorted(names)]


@transaction.atomic
def change_deals(*, deals, actor, owner=None, stage=None, today=None, **facts):
    """Carry out plan_deal_changes on `deals` (a queryset). Returns the Plan as it was carried out."""
    if facts.keys() - CHANGEABLE:
        raise TypeError(f"Not a fact of deals that can be given to many: {', '.join(sorted(facts))}")
    ids = list(deals.order_by("pk").values_list("pk", flat=True))
    # Locked alone and read again: a row found by a join with what has changed meanwhile would vanish.
    if stage is not None:
        hold_stage(stage)
    rows = list(Deal.objects.filter(pk__in=ids).order_by("pk").select_for_update())
    _with_related(rows)
    today = today or organisation().today()
    plan = plan_deal_changes(deals=rows, actor=actor, owner=owner, stage=stage, today=today, **facts)
    was = {deal.pk: deal for deal in rows}
    if passed_on := [was[deal.pk] for deal, _before in plan.changes if deal.owner_id != was[deal.pk].owner_id]:
        members_follow(passed_on, owner, today)
    _write([deal for deal, _before in plan.changes], was, facts)
    return plan


def _with_related(deals):
    """Give the deals the rows they point at, which a locked read must not join."""
    for name in ("owner", "stage", "loss_reason"):
        field = Deal._meta.get_field(name)
        rows = field.related_model._base_manager.in_bulk({getattr(deal, field.attname) for deal in deals} - {None})
        for deal in deals:
            if key := getattr(deal, field.attname):
                setattr(deal, name, rows[key])


def _write(deals, was, facts):
    """One UPDATE for all deals that get the same: mostly one for all."""
    alike, now = defaultdict(list), timezone.now()
    for deal in deals:
        old, columns = was[deal.pk], [field.attname for field in _columns(facts)]
        values = tuple((name, _frozen(getattr(deal, name))) for name in columns if getattr(deal, name) != getattr(old, name))
        alike[values].append(deal.pk)
    for values, ids in alike.items():
        changes = {name: list(value) if isinstance(value, tuple) else value for name, value in values}
        if "stage_id" in changes:
            changes["stage_since"] = now
        Deal.objects.filter(pk__in=ids).update(**changes)


def _frozen(value):
    """A value that can be a key: a list of facts owed as a tuple."""
    return tuple(value) if isinstance(value, list) else value
