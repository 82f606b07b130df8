"""Which open deals need help most, and why. Pure.

A reason is a fact that anybody can check on the deal. Of two deals with a reason, the one with the larger product of amount
and number of reasons comes first: what is large and goes wrong in several ways is where a manager's hour is worth most.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

PAST, SLIPPED, PUSHED, ROTTING = "past", "slipped", "pushed", "rotting"
NO_STEP, LATE_STEP, QUIET = "no_step", "late_step", "quiet"

QUIET_DAYS = 14  # a deal one counts on is worth a word every other week
LATE_STEP_DAYS = 7  # a step that is a day late is no matter for the manager; a week late it was forgotten
OFTEN = 2  # a close date that moves once may be chance; twice, the customer has no date of their own


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an open deal; `age` and `pace` are of its stage, `pushes` the close dates (old, new) that moved back."""

    deal: int
    amount: Decimal = Decimal(0)
    close_date: date | None = None
    age: int = 0
    pace: object = None
    next_step_on: date | None = None
    is_commit: bool = False
    last_contact: date | None = None
    pushes: tuple[tuple[date, date], ...] = ()
    has_slipped: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a deal needs help: `days` it has lasted, or None where nobody knows; `pushes` as in Facts."""

    kind: str
    days: int | None = None
    pushes: tuple = ()


@dataclass(frozen=True, slots=True)
class Need:
    """A deal that needs help, with its Reasons, the gravest first."""

    deal: int
    amount: Decimal
    reasons: tuple[Reason, ...]

    @property
    def weight(self):
        return self.amount * len(self.reasons)


def reasons_of(facts: Facts, today: date) -> tuple[Reason, ...]:
    """Why the deal needs help on the day `today`, in the order in which a manager would ask."""
    found = []
    if facts.close_date and facts.close_date < today:
        found.append(Reason(PAST, (today - facts.close_date).days))
    if facts.has_slipped:
        found.append(Reason(SLIPPED))
    if len(facts.pushes) >= OFTEN:
        found.append(Reason(PUSHED, pushes=facts.pushes))
    if facts.pace and facts.pace.is_rotting(facts.age):
        found.append(Reason(ROTTING, facts.age))
    if facts.is_commit and _quiet_for(facts.last_contact, today):
        found.append(Reason(QUIET, (today - facts.last_contact).days if facts.last_contact else None))
    if facts.next_step_on is None:
        found.append(Reason(NO_STEP))
    elif (today - facts.next_step_on).days >= LATE_STEP_DAYS:
        found.append(Reason(LATE_STEP, (today - facts.next_step_on).days))
    return tuple(found)


def _quiet_for(last_contact, today):
    return last_contact is None or (today - last_contact).days >= QUIET_DAYS


def most_in_need(deals: Iterable[Facts], today: date, shown: int) -> list[Need]:
    """The `shown` deals that need help most; one without a reason is none of them."""
    needs = [Need(facts.deal, facts.amount, reasons_of(facts, today)) for facts in deals]
    return sorted((need for need in needs if need.reasons), key=lambda need: (-need.weight, need.deal))[:shown]
