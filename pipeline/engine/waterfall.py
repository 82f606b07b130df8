"""What changed in the open pipeline between two days: of each deal one cause, and with it the whole difference. Pure.

A deal counts on a day when it is open, its owner is among those looked at, and it is to close in the period looked at. Of
several causes the first counts: won or lost, then another owner, then another close date, then another amount.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from pipeline.engine.stages import LOST, OPEN, WON

CREATED, MOVED_IN, PULLED_IN, REOPENED, GROWN, ENTERED = "created", "moved_in", "pulled_in", "reopened", "grown", "entered"
MOVED_OUT, PUSHED_OUT, SHRUNK, DELETED, DROPPED = "moved_out", "pushed_out", "shrunk", "deleted", "dropped"
UP = (CREATED, PULLED_IN, MOVED_IN, REOPENED, GROWN, ENTERED)
DOWN = (WON, LOST, PUSHED_OUT, MOVED_OUT, SHRUNK, DELETED, DROPPED)
CAUSES = (*UP, *DOWN)  # in the order in which they are drawn: what came first, so that nothing ever falls below zero


@dataclass(frozen=True, slots=True)
class Side:
    """A deal on one of the two days; without a status there was no such deal. `passes`: whatever else is asked for."""

    status: str = ""
    is_ours: bool = False
    closes_in: bool = False
    amount: Decimal = Decimal(0)
    passes: bool = True

    @property
    def counts(self):
        return self.status == OPEN and self.is_ours and self.closes_in and self.passes

    @property
    def value(self):
        """What the deal adds to the pipeline on this day."""
        return self.amount if self.counts else Decimal(0)


@dataclass(frozen=True, slots=True)
class Change:
    """One deal that counts differently on the second day."""

    deal: int
    cause: str
    before: Decimal
    after: Decimal

    @property
    def difference(self):
        return self.after - self.before

    @property
    def more(self):
        """By how many deals the pipeline grew: one, none or minus one."""
        return 0 if self.cause in (GROWN, SHRUNK) else 1 if self.cause in UP else -1


def cause_of(before: Side, after: Side) -> str | None:
    """Why a deal counts differently; None when it does not."""
    if before.counts and after.counts:
        return None if before.amount == after.amount else GROWN if after.amount > before.amount else SHRUNK
    if after.counts:
        return _why(before, {"": CREATED, WON: REOPENED, LOST: REOPENED}, MOVED_IN, PULLED_IN, ENTERED)
    if before.counts:
        return _why(after, {"": DELETED, WON: WON, LOST: LOST}, MOVED_OUT, PUSHED_OUT, DROPPED)
    return None


def _why(side, by_status, owner, date, other):
    """What keeps a deal from counting on this side."""
    return by_status.get(side.status) or (owner if not side.is_ours else date if not side.closes_in else other)


def change_of(deal: int, before: Side, after: Side) -> Change | None:
    """The Change of a deal from `before` to `after`; None when it counts alike."""
    cause = cause_of(before, after)
    return Change(deal, cause, before.value, after.value) if cause else None


@dataclass(frozen=True, slots=True)
class Step:
    """One bar: all deals of one cause, and where it lies between nothing and the largest sum."""

    cause: str
    count: int
    amount: Decimal
    low: Decimal
    high: Decimal


def steps_of(start: Decimal, changes: Iterable[Change]) -> list[Step]:
    """A Step for each cause there is, from `start` on; together they lead to the sum of the second day."""
    of_cause = {}
    for change in changes:
        of_cause.setdefault(change.cause, []).append(change.difference)
    steps, at = [], start
    for cause in CAUSES:
        if found := of_cause.get(cause):
            amount = sum(found, Decimal(0))
            steps.append(Step(cause, len(found), amount, min(at, at + amount), max(at, at + amount)))
            at += amount
    return steps
