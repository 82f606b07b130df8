"""To whom a lead that arrived goes: handed the facts, it returns one person and the reason. Pure.

The order: whoever works another open lead of the company; whoever covers the account; else one of the people who take
leads of the source, in turn or by load. Nobody is given a lead who is absent today or has as many as they may hold; those
at work now come before those who begin later. Where nobody is left the lead waits to be taken, and the reason says why.
"""

from dataclasses import dataclass
from datetime import datetime

COLLEAGUE, COVERAGE, ROUND_ROBIN, LEAST_LOADED, NOBODY = "colleague", "coverage", "round_robin", "least_loaded", "nobody"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person, and what decides whether a lead goes to them."""

    pk: int
    name: str
    open_leads: int = 0
    most_open: int | None = None  # None: as many as come
    last_given: datetime | None = None  # when a lead of this source came to them last
    works_next: datetime | None = None  # now while at work; None: not within the days looked ahead
    is_away: bool = False

    @property
    def is_full(self):
        return self.most_open is not None and self.open_leads >= self.most_open


@dataclass(frozen=True, slots=True)
class Decision:
    """Who gets the lead (None: nobody), by which rule, and the figures that a reason in words needs."""

    user: int | None
    rule: str
    facts: dict


def route(*, colleague=None, coverers=(), workers=(), way=NOBODY, now):
    """The Decision about one lead.

    `colleague` works another open lead of the company; `coverers` cover its account, those who qualify leads first;
    `workers` take leads of the source, `way` is ROUND_ROBIN, LEAST_LOADED or NOBODY. Whoever knows the customer gets the
    lead even when holding many; somebody absent never does.
    """
    if colleague is not None and not colleague.is_away:
        return Decision(colleague.pk, COLLEAGUE, {"name": colleague.name})
    for each in coverers:
        if not each.is_away:
            return Decision(each.pk, COVERAGE, {"name": each.name})
    if way == NOBODY or not workers:
        return Decision(None, NOBODY, {"why": "no_rule" if way == NOBODY else "no_workers"})
    free = [each for each in workers if not each.is_away and not each.is_full and each.works_next is not None]
    if not free:
        away, full = sum(each.is_away for each in workers), sum(each.is_full and not each.is_away for each in workers)
        return Decision(None, NOBODY, {"why": "none_free", "away": away, "full": full, "of": len(workers)})
    at_work = [each for each in free if each.works_next <= now]
    soonest = min(each.works_next for each in free)
    among = at_work or [each for each in free if each.works_next == soonest]
    chosen = min(among, key=_in_turn if way == ROUND_ROBIN else _by_load)
    facts = {"name": chosen.name, "open": chosen.open_leads, "of": len(workers), "at_work": len(at_work)}
    return Decision(chosen.pk, way, facts)


def _in_turn(each):
    return (each.last_given is not None, each.last_given.timestamp() if each.last_given else 0, each.pk)


def _by_load(each):
    return (each.open_leads, *_in_turn(each))
