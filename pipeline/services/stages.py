"""Setting up pipelines: their stages, the order of these, what each asks for, and what becomes of deals in one that goes."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pipeline.criteria import kinds
from pipeline.models import Criterion, Deal, DealVersion, ForecastCategory, GateOverride, Pipeline, Stage, Status
from salesorg.lib.addresses import list_address
from salesorg.lib.db import write
from salesorg.lib.errors import DomainError
from salesorg.people.roles import Role

from .gates import Exits

MOST_STAGES = 30  # of a pipeline; a board of more can no longer be read
MOST_CRITERIA = 20  # of a stage
CLOSED = {Status.WON: (100, ForecastCategory.CLOSED), Status.LOST: (0, ForecastCategory.OMITTED)}
NEEDED = {
    Status.OPEN: gettext_lazy("A pipeline needs a stage in which deals are open. Add another before you remove this one."),
    Status.WON: gettext_lazy("A pipeline needs a won stage. Add another before you remove this one."),
    Status.LOST: gettext_lazy("A pipeline needs a lost stage. Add another before you remove this one."),
}


@transaction.atomic
def create_pipeline(*, name, deal_type, actor, **facts):
    """A new pipeline, with one open stage and the two that every pipeline needs: won and lost."""
    _refuse_twin(Pipeline.objects.filter(name=name), name)
    pipeline = Pipeline.objects.create(name=name, deal_type=deal_type, **facts)
    for position, (called, status) in enumerate(
        ((_("Qualified"), Status.OPEN), (_("Won"), Status.WON), (_("Lost"), Status.LOST))
    ):
        probability, category = CLOSED.get(status, (20, ForecastCategory.PIPELINE))
        Stage.objects.create(
            pipeline=pipeline,
            name=called,
            status=status,
            position=position,
            probability=probability,
            forecast_category=category,
            owner_role=Role.AE,
        )
    return pipeline


@transaction.atomic
def change_pipeline(*, pipeline, name, deal_type, actor, **facts):
    """Call a pipeline otherwise, or say otherwise what its deals are; deals that are there stay what they are."""
    pipeline = _held(pipeline)
    _refuse_twin(Pipeline.objects.filter(name=name).exclude(pk=pipeline.pk), name)
    return write(pipeline, {"name": name, "deal_type": deal_type, **facts})


@transaction.atomic
def remove_pipeline(*, pipeline, actor, now=None):
    """Take a pipeline out of use: deleted when no deal was ever in it, else archived with its stages.

    Returns whether it is gone for good. Raises DomainError while deals are open in it, and for the last one in use.
    """
    pipeline = _held(pipeline)
    if not Pipeline.objects.in_use().exclude(pk=pipeline.pk).exists():
        raise DomainError(_("This is the only pipeline in use. Add another before you remove it."))
    stages = list(pipeline.stages.select_for_update())
    open_deals = Deal.objects.open().filter(pipeline=pipeline).count()
    if open_deals:
        raise _deals_are_there(open_deals, pipeline, {"pipeline": pipeline.pk, "status": "open", "owner": "all"})
    if not Deal.objects.filter(pipeline=pipeline).exists() and not _was_used(stages):
        pipeline.delete()
        return True
    now = now or timezone.now()
    pipeline.stages.filter(archived_at=None).update(archived_at=now)
    Pipeline.objects.filter(pk=pipeline.pk).update(archived_at=now)
    return False


@transaction.atomic
def restore_pipeline(*, pipeline, actor):
    """Put an archived pipeline into use again, with the stages that went with it."""
    pipeline = _held(pipeline)
    pipeline.stages.filter(archived_at=pipeline.archived_at).update(archived_at=None)
    pipeline.archived_at = None
    pipeline.save(update_fields=["archived_at"])
    return pipeline


@transaction.atomic
def add_stage(*, pipeline, name, status, actor, **facts):
    """A new stage, the last of those with its status. Won and lost have the one probability that they can have."""
    pipeline = _held(pipeline)
    if pipeline.archived_at is not None:
        raise DomainError(_("“%(pipeline)s” is no longer in use. Restore it first.") % {"pipeline": pipeline})
    stages = list(pipeline.stages.order_by("position"))
    if len(stages) >= MOST_STAGES:
        raise DomainError(_("A pipeline has at most %(most)d stages.") % {"most": MOST_STAGES})
    _refuse_twin(pipeline.stages.filter(name=name), name)
    stage = Stage(pipeline=pipeline, name=name, status=status, **_right_for(status, facts))
    _number(stages)
    stage.position = len(stages)
    stage.save()
    _write_order(sorted([*stages, stage], key=lambda each: each.status != Status.OPEN))  # closed stages come last
    return stage


@transaction.atomic
def change_stage(*, stage, name, actor, **facts):
    """Change what a stage is called and expects. Its pipeline, its status and its place are not facts of this kind."""
    _held(stage.pipeline)
    stage = Stage.objects.get(pk=stage.pk)
    _refuse_twin(Stage.objects.filter(pipeline=stage.pipeline_id, name=name).exclude(pk=stage.pk), name)
    facts = {"name": name} | _right_for(stage.status, facts)
    for fact, value in facts.items():
        setattr(stage, fact, value)
    stage.save(update_fields=list(facts))
    return stage


@transaction.atomic
def move_stage(*, stage, step, seen, actor):
    """Let an open stage change places with the one before (step -1) or behind it (step 1).

    `seen` are the keys of the stages in the order that the person saw: two who reorder at once do not undo each other.
    """
    pipeline = _held(stage.pipeline)
    stages = list(pipeline.stages.order_by("position"))
    open_ones = [each for each in stages if each.status == Status.OPEN and each.archived_at is None]
    keys = [each.pk for each in open_ones]
    if keys != seen:
        raise DomainError(_("Somebody has changed the stages meanwhile. Look at their order again before you change it."))
    at = keys.index(stage.pk) if stage.pk in keys else -1
    if at < 0 or not 0 <= at + step < len(keys):
        raise DomainError(_("“%(stage)s” cannot be moved further.") % {"stage": stage})
    places = [stages.index(each) for each in open_ones]  # archived stages keep theirs
    open_ones[at], open_ones[at + step] = open_ones[at + step], open_ones[at]
    for place, each in zip(places, open_ones, strict=True):
        stages[place] = each
    _write_order(stages)


@transaction.atomic
def remove_stage(*, stage, actor, to=None, now=None):
    """Take a stage out of use; the deals in it go to `to`, a stage of the same pipeline and status.

    Deleted when no deal was ever in it, else archived, so that past days still open; returns whether it is gone for good.
    A deal that comes further on this way without meeting a criterion is reported as an override.
    Raises DomainError for the last stage of its status, and, without `to`, with the number of deals that are in it.
    """
    pipeline = _held(stage.pipeline)
    stage = Stage.objects.select_for_update().get(pk=stage.pk)
    alike = pipeline.stages.in_use().filter(status=stage.status).exclude(pk=stage.pk)
    if not alike.exists():
        raise DomainError(str(NEEDED[stage.status]))
    deals = list(Deal.objects.filter(stage=stage).select_for_update().order_by("pk"))
    now = now or timezone.now()
    if deals:
        _move_all(deals, stage, alike.filter(pk=to.pk).first() if to else None, actor, now)
    if not _was_used([stage]):
        stage.delete()
        return True
    stage.archived_at = now
    stage.save(update_fields=["archived_at"])
    return False


@transaction.atomic
def restore_stage(*, stage, actor):
    """Put an archived stage into use again, in the place it had."""
    pipeline = _held(stage.pipeline)
    if pipeline.archived_at is not None:
        raise DomainError(_("“%(pipeline)s” is no longer in use. Restore it first.") % {"pipeline": pipeline})
    Stage.objects.filter(pk=stage.pk).update(archived_at=None)


@transaction.atomic
def add_criterion(*, stage, kind, value, actor):
    """From now on a deal leaves `stage` only with this. Deals that are further on already are not asked again."""
    _held(stage.pipeline)
    value = " ".join(value.split())
    known = {each.code: each for each in kinds()}.get(kind)
    if known is None or not value or (known.choices and value not in dict(known.choices())):
        raise DomainError(_("Choose what is asked for."), fields=["value"])
    if stage.status != Status.OPEN:
        raise DomainError(_("A deal that is won or lost is asked for nothing more."))
    there = stage.criteria.order_by("position")
    if there.filter(kind=kind, value=value).exists():
        raise DomainError(_("The stage asks for this already."), fields=["value"])
    if there.count() >= MOST_CRITERIA:
        raise DomainError(_("A stage asks for at most %(most)d things.") % {"most": MOST_CRITERIA})
    last = there.last()
    return Criterion.objects.create(stage=stage, kind=kind, value=value, position=last.position + 1 if last else 0)


@transaction.atomic
def remove_criterion(*, criterion, actor):
    """The stage asks for this no longer; what was ticked on deals goes with it, and stays in their history."""
    _held(criterion.stage.pipeline)
    Criterion.objects.filter(pk=criterion.pk).delete()


def deals_in(stage):
    """How many deals are in a stage, whoever may see them."""
    return Deal.objects.filter(stage=stage).count()


def _move_all(deals, stage, to, actor, now):
    if to is None:
        query = {"stage": stage.pk, "status": "all", "owner": "all"}
        raise _deals_are_there(len(deals), stage, query)
    exits = Exits(deals)
    passed = [(deal, criterion) for deal in deals for criterion in exits.unmet(deal, exits.asked(deal, to))]
    Deal.objects.filter(pk__in=[deal.pk for deal in deals]).update(
        stage=to, stage_since=now, forecast_category=to.forecast_category
    )
    reason = _("The stage “%(stage)s” was removed.") % {"stage": stage}
    facts = {"from_stage": stage, "to_stage": to, "reason": reason, "user": actor, "at": now}
    GateOverride.objects.bulk_create(
        (GateOverride(deal=deal, criterion=criterion.sentence[:300], **facts) for deal, criterion in passed), batch_size=1000
    )


def _deals_are_there(count, where, query):
    words = {"count": count, "where": where}
    text = ngettext("%(count)d deal is in “%(where)s”.", "%(count)d deals are in “%(where)s”.", count) % words
    link = ngettext("Look at %(count)d deal", "Look at %(count)d deals", count) % words
    advice = _("Move them to another stage first.") if count > 1 else _("Move it to another stage first.")
    return DomainError(f"{text} {advice}", fields=["to"], links=[(link, list_address("pipeline:deal_list", query))])


def _was_used(stages):
    """Whether a deal was ever in one of these stages, or passed it without meeting a criterion."""
    keys = [stage.pk for stage in stages]
    if Deal.objects.filter(stage__in=keys).exists() or DealVersion.objects.filter(stage__in=keys).exists():
        return True
    return GateOverride.objects.filter(from_stage__in=keys).exists() or GateOverride.objects.filter(to_stage__in=keys).exists()


def _right_for(status, facts):
    """`facts` of a stage, with what only one status allows: a won deal is certain, a lost one is not forecast."""
    if status in CLOSED:
        probability, category = CLOSED[status]
        return facts | {"probability": probability, "forecast_category": category, "expected_days": None}
    return facts


def _held(pipeline):
    """The pipeline as it is now; whoever else sets up its stages waits until this transaction ends."""
    held = Pipeline.objects.select_for_update(no_key=True).filter(pk=pipeline.pk).first()
    if held is None:
        raise DomainError(_("This pipeline was removed meanwhile."))
    return held


def _refuse_twin(there, name):
    twin = there.first()
    if twin is None:
        return
    if twin.archived_at is not None:
        raise DomainError(
            _("An archived one is called “%(name)s”. Restore it, or choose another name.") % {"name": name}, ["name"]
        )
    raise DomainError(_("There is one called “%(name)s” already.") % {"name": name}, fields=["name"])


def _number(stages):
    """Number the stages without gaps, in the order they stand in."""
    for position, stage in enumerate(stages):
        stage.position = position


def _write_order(stages):
    """Write the order of `stages`. The database compares places when the transaction ends, so that two may change theirs."""
    _number(stages)
    Stage.objects.bulk_update(stages, ["position"])
