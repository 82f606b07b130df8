"""What comparing two days asks of the past: which deals may differ at all, and what deals were on one of the days."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from pipeline.models import DealVersion
from pipeline.querysets.deals import closed_by

KEPT = ("stage_id", "owner_id", "amount", "close_date")


@dataclass(frozen=True, slots=True)
class State:
    """What a deal was on one of the days."""

    stage: int
    owner: int
    amount: Decimal | None
    close: object


def states(selection, deals):
    """{deal id: State} of those of `deals` (ids) that there were on the day of `selection` and that its reader may see."""
    if not deals:
        return {}
    found = selection.everything().filter(pk__in=deals).order_by()
    return {deal: State(*facts) for deal, *facts in found.values_list("pk", *map(selection.column, KEPT))}


def may_differ(selection, before, after):
    """The deals of `selection`, one of the two, but for those that are sure to be alike at the end of both days.

    A deal differs by a state that began in between, by an owner who joined or left the chosen team, and with later
    corrections by a closing that today's record puts in between.
    """
    began = DealVersion.objects.filter(during__startswith__gt=before.moment, during__startswith__lte=after.moment)
    found = Q(pk__in=began.order_by().values("deal_id"))
    movers = before.people ^ after.people if selection.get("team") else ()
    if movers:
        found |= Q(**{f"{selection.column('owner_id')}__in": movers})
    if before.corrected or after.corrected:
        found |= closed_by(after.day or after.user.today) & ~closed_by(before.day or before.user.today)
    return found
