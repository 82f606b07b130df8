"""What accepting a handoff does to the deal's stage, where its pipeline says that it moves on."""

from pipeline.holders import holds
from pipeline.models import Stage, Status
from salesorg.lib.errors import DomainError

from .deals import move_deal
from .gates import Exits


def stage_after(deal, taker_role):
    """The Stage that `deal` moves to when somebody in `taker_role` accepts it: the first from here on that the role owns.

    None where the pipeline leaves stages alone, where the role owns the stage that it is in, and where it owns none to come.
    """
    if deal.status != Status.OPEN or not deal.pipeline.moves_on_acceptance or holds(deal.stage.owner_role, {taker_role}):
        return None
    coming = Stage.objects.in_use().filter(pipeline=deal.pipeline_id, status=Status.OPEN, position__gt=deal.stage.position)
    return next((stage for stage in coming.order_by("position") if holds(stage.owner_role, {taker_role})), None)


def lacking_for(deal, stage):
    """The exit criteria that keep `deal` from `stage`, as sentences."""
    exits = Exits([deal])
    return [criterion.sentence for criterion in exits.unmet(deal, exits.asked(deal, stage))]


def move_on(deal, stage, taker, today):
    """Move the accepted `deal` to `stage`. Where its gates refuse it stays, as was said before. Returns whether it moved."""
    try:
        move_deal(deal=deal, stage=stage, actor=taker, today=today)
    except DomainError:
        return False
    return True
