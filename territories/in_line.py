"""Who of the active plan's territories is to be asked about one account, in order."""

from dataclasses import dataclass

from accounts.models import CoverageLine

from . import engine
from .models import Placement, Plan, Seat, Territory


@dataclass(frozen=True)
class InLine:
    """A person whose seat speaks for an account: in its `territory`, or in `seat_of` above it. `rank` is alike for equals."""

    user: int
    role: int
    territory: Territory
    seat_of: Territory
    rank: int


def people_in_line(account_id, day, roles):
    """InLine of everybody who sits in `roles` (in order of preference) where the account is placed on `day`, or above.

    The force of new business is asked first. None for an account that is not placed, or while no plan is active.
    """
    placed = Placement.objects.on(day).filter(account=account_id, force__plan__status=Plan.Status.ACTIVE)
    placed = sorted(placed.select_related("territory", "force__line"), key=lambda each: (_is_later(each.force), each.force_id))
    territories = {each.pk: each for each in Territory.objects.filter(force__in=[each.force_id for each in placed])}
    parents = {pk: each.parent_id for pk, each in territories.items()}
    chains = {each.pk: engine.upwards(each.territory_id, parents) for each in placed}
    above = {pk for chain in chains.values() for pk in chain}
    seats = Seat.objects.on(day).filter(territory__in=above, role__in=roles, user__is_active=True)
    places = [engine.Place(*row) for row in seats.values_list("pk", "territory", "role", "user", "is_lead")]
    line = [
        (roles.index(place.role), turn, chains[placement.pk].index(place.territory), placement, place)
        for turn, placement in enumerate(placed) for place in engine.in_line(chains[placement.pk], places, roles)
    ]  # fmt: skip
    line.sort(key=lambda each: each[:3])
    ranks = {key: rank for rank, key in enumerate(dict.fromkeys(each[:3] for each in line))}
    return [
        InLine(place.user, place.role, placement.territory, territories[place.territory], ranks[tuple(key)])
        for *key, placement, place in line
    ]


def _is_later(force):
    return force.line.code != CoverageLine.NEW_BUSINESS
