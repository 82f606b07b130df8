"""Gates: the facts a deal must have to be open, won or lost. Pure."""

from collections.abc import Mapping
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


def missing(status: str, facts: Mapping) -> tuple[str, ...]:
    """Codes of what a deal with `facts` (field name → value) lacks to be in `status`, in the order they are asked for."""
    return tuple(code for code in DEMANDED[status] if any(facts.get(field) in (None, "") for field in FIELDS[code]))


def fields_of(codes) -> tuple[str, ...]:
    """The form fields that supply what `codes` name."""
    return tuple(field for code in codes for field in FIELDS[code])


def close_date_on_move(before: str, after: str, close_date, today):
    """The close date of a deal that goes from status `before` to `after`: the day it closes, the expected one while open."""
    return today if after != OPEN and before == OPEN else close_date
