"""Who ought to hold a deal: the role that owns its stage, against the roles of the person who owns the deal."""

from collections import defaultdict

from salesorg.people.models import Membership
from salesorg.people.roles import LEADERS, Role

SDRS = frozenset({Role.SDR_INBOUND, Role.SDR_OUTBOUND})  # one hat: who answers also calls


def note_holders(deals, day):
    """Give each of `deals` (with stage) `ought`: the role that ought to hold it, when its owner holds no such role; else "".

    One query. Leaders hold deals of any stage: a founder who sells is not told to hand over.
    """
    roles = defaultdict(set)
    held = Membership.objects.on(day).filter(user_id__in={deal.owner_id for deal in deals})
    for user_id, role in held.values_list("user_id", "role"):
        roles[user_id].add(role)
    for deal in deals:
        fitting = holds(deal.stage.owner_role, roles[deal.owner_id])
        deal.ought = "" if fitting or deal.stage.status != "open" else str(Role(deal.stage.owner_role).label)
    return deals


def holds(role, roles):
    """Whether somebody with `roles` is right where a stage is owned by `role`."""
    fitting = (SDRS if role in SDRS else {role}) | LEADERS
    return not fitting.isdisjoint(roles)
