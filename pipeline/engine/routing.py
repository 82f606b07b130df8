"""To whom a lead that arrived goes: handed the facts, it returns one person and the reason. Pure.

The order: whoever works another open lead of the company; whoever covers the account, or sits where the territories place
it; else one of the people who take leads of the source, in turn or by load. Nobody is given a lead who is absent today or
has as many as they may hold; those at work now come before those who begin later. Who was passed over is said, and why.
Where nobody is left the lead waits to be taken, and the reason says why.
"""

from dataclasses import dataclass
from datetime import datetime

COLLEAGUE, COVERAGE, TERRITORY = "colleague", "coverage", "territory"
ROUND_ROBIN, LEAST_LOADED, NOBODY = "round_robin", "least_loaded", "nobody"
AWAY, FULL, NOT_AT_WORK = "away", "full", "not_at_work"  # why somebody was passed over


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

    def is_at_work(self, now):
        return self.works_next is not None and self.works_next <= now


@dataclass(frozen=True, slots=True)
class Claim:
    """A person who comes before those in turn, by COVERAGE or TERRITORY. Of equal `rank`, whoever is at work goes first."""

    candidate: Candidate
    rule: str
    reason: str = ""
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """Who gets the lead (None: nobody), by which rule, and the facts that a reason in words needs.

    `passed` names those who came first and did not get it: ((name, why), …).
    """

    user: int | None
    rule: str
    facts: dict
    passed: tuple = ()


def route(*, colleague=None, claims=(), workers=(), way=NOBODY, now):
    """The Decision about one lead.

    `colleague` works another open lead of the company; `claims` are those of who covers its account and of its territories,
    in order of rank; `workers` take leads of the source, `way` is ROUND_ROBIN, LEAST_LOADED or NOBODY. Whoever knows the
    customer gets the lead even when holding many, a territory's people only as many as they may; somebody absent never does.
    """
    passed = {}
    if colleague is not None:
        if not colleague.is_away:
            return Decision(colleague.pk, COLLEAGUE, {"name": colleague.name})
        passed[colleague.pk] = (colleague.name, AWAY)
    for each in sorted(claims, key=lambda claim: (claim.rank, not claim.candidate.is_at_work(now))):
        person = each.candidate
        if not (why := _hindrance(person, each.rule)):
            _note_equals(passed, each, claims, now)
            return Decision(person.pk, each.rule, {"name": person.name, "reason": each.reason}, tuple(passed.values()))
        passed.setdefault(person.pk, (person.name, why))
    decision = _of_workers(workers, way, now)
    passed.pop(decision.user, None)
    return Decision(decision.user, decision.rule, decision.facts, tuple(passed.values()))


def _hindrance(person, rule):
    """Why this person cannot have it by this rule, or ""."""
    if person.is_away:
        return AWAY
    if rule == TERRITORY and person.is_full:
        return FULL
    return NOT_AT_WORK if rule == TERRITORY and person.works_next is None else ""


def _note_equals(passed, chosen, claims, now):
    """Add those who stood before `chosen` in the same rank and begin to work later."""
    for each in claims:
        if each is chosen:
            return
        if each.rank == chosen.rank and not each.candidate.is_at_work(now):
            passed.setdefault(each.candidate.pk, (each.candidate.name, NOT_AT_WORK))


def _of_workers(workers, way, now):
    """The Decision among those who take leads of the source."""
    if way == NOBODY or not workers:
        return Decision(None, NOBODY, {"why": "no_rule" if way == NOBODY else "no_workers"})
    free = [each for each in workers if not each.is_away and not each.is_full and each.works_next is not None]
    if not free:
        away, full = sum(each.is_away for each in workers), sum(each.is_full and not each.is_away for each in workers)
        return Decision(None, NOBODY, {"why": "none_free", "away": away, "full": full, "of": len(workers)})
    at_work = [each for each in free if each.is_at_work(now)]
    soonest = min(each.works_next for each in free)
    among = at_work or [each for each in free if each.works_next == soonest]
    chosen = min(among, key=_in_turn if way == ROUND_ROBIN else _by_load)
    facts = {"name": chosen.name, "open": chosen.open_leads, "of": len(workers), "at_work": len(at_work)}
    return Decision(chosen.pk, way, facts)


def _in_turn(each):
    return (each.last_given is not None, each.last_given.timestamp() if each.last_given else 0, each.pk)


def _by_load(each):
    return (each.open_leads, *_in_turn(each))
