"""Gates: the facts a deal must have to be open, won or lost, and the stages whose exit criteria a move must meet. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

OPEN, WON, LOST = "open", "won", "lost"

# What each status demands. The codes are those of GateDebt, and the database refuses what this table refuses.
ALWAYS = ("account", "amount", "close_date")
DEMANDED = MappingProxyType({OPEN: (*ALWAYS, "next_step"), WON: ALWAYS, LOST: (*ALWAYS, "loss_reason")})

# The facts behind a code, named as the fields of a form, so that a refusal can link to them.
FIELDS = MappingProxyType(
    {
        "account": ("account",),
        "amount": ("amount",),
        "close_date": ("close_date",),
        "next_step": ("next_step", "next_step_on"),
        "loss_reason": ("loss_reason",),
    }
)

ISLAND, LINE, POD = "island", "line", "pod"  # selling models


def missing(status: str, facts: Mapping) -> tuple[str, ...]:
    """Codes of what a deal with `facts` (field name → value) lacks to be in `status`, in the order they are asked for."""
    return tuple(code for code in DEMANDED[status] if any(facts.get(field) in (None, "") for field in FIELDS[code]))


def fields_of(codes) -> tuple[str, ...]:
    """The form fields that supply what `codes` name."""
    return tuple(field for code in codes for field in FIELDS[code])


def close_date_on_move(before: str, after: str, close_date, today):
    """The close date of a deal that goes from status `before` to `after`: the day it closes, the expected one while open."""
    return today if after != OPEN and before == OPEN else close_date


@dataclass(frozen=True, slots=True)
class Step:
    """A stage as the gates know it; one that is no longer in use asks for nothing."""

    key: int
    position: int
    status: str = OPEN
    in_use: bool = True


def left_behind(steps: Iterable[Step], before: Step, after: Step) -> tuple[int, ...]:
    """Keys of the stages, in order, whose exit criteria a deal must meet to go from `before` to `after`.

    Forward, to a later open stage or to won, these are the stage left and every open one between. Back, to lost, and from
    won to anywhere there are none. A lost deal begins where it was last open, so that losing it is no way around a gate.
    """
    if after.status == LOST or before.status == WON:
        return ()
    between = [
        step
        for step in steps
        if step.status == OPEN
        and step.in_use
        and before.position <= step.position
        and (after.status == WON or step.position < after.position)
    ]
    return tuple(step.key for step in sorted(between, key=lambda step: step.position))


def selling_model(roles: Iterable) -> str:
    """Which selling model the owner roles of a pipeline's open stages make, in the stages' order; "" without stages.

    One role all the way is an island; each role once, in turn, an assembly line; roles that come back work as a pod.
    """
    turns = [role for role, _run in groupby(roles)]
    if len(turns) < 2:
        return ISLAND if turns else ""
    return LINE if len(set(turns)) == len(turns) else POD


def handovers(roles: Iterable) -> int:
    """How often a deal changes hands on its way through stages owned by `roles`."""
    return max(sum(1 for _turn in groupby(roles)) - 1, 0)
