"""What to do next after a visit or call, suggested from what is known. Pure: facts in, one Suggestion out.

The rules, the first that applies:

1. Nobody was there: call tomorrow.
2. An open deal has its own next step, due today or within four weeks: that step, on its day (one of today: tomorrow).
3. It went badly: call in three days, while it can still be mended.
4. The account is to be visited every so many weeks (its cadence): visit when the next visit is due.
5. It went well: call in one week. Anything else: call in two weeks.

A day at the weekend becomes the Monday after it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

SOON = timedelta(weeks=4)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known: the next step of the open deal that needs one soonest, and days between visits."""

    deal_step: str = ""
    deal_step_on: date | None = None
    cadence: int | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One next step: a kind of activity, its day, what about, and which of the reasons led to it."""

    kind: str
    on: date
    subject: str
    why: str  # not_there, deal, badly, cadence, usual


def suggest(outcome, facts, today):
    """The Suggestion after `outcome` ("well", "neutral", "badly", "not_there" or "")."""
    if outcome == "not_there":
        return Suggestion("call", workday(today + timedelta(days=1)), "", "not_there")
    if facts.deal_step and facts.deal_step_on and today <= facts.deal_step_on <= today + SOON:
        on = max(facts.deal_step_on, today + timedelta(days=1))
        return Suggestion(kind_of(facts.deal_step), workday(on), facts.deal_step, "deal")
    if outcome == "badly":
        return Suggestion("call", workday(today + timedelta(days=3)), "", "badly")
    if facts.cadence:
        return Suggestion("visit", workday(today + timedelta(days=facts.cadence)), "", "cadence")
    return Suggestion("call", workday(today + timedelta(weeks=1 if outcome == "well" else 2)), "", "usual")


def workday(day):
    """`day`, or the Monday after it when it lies in a weekend."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= SATURDAY else day


# Words by which a deal's step in free text shows its kind; else it is a task.
KINDS = (
    ("call", ("call", "phone", "ring")),
    ("demo", ("demo",)),
    ("visit", ("visit", "drop by")),
    ("meeting", ("meet",)),
    ("email", ("mail", "send", "write")),
)


def kind_of(step):
    """The kind of activity that the words of a deal's next step tell of."""
    words = step.lower()
    return next((kind for kind, signs in KINDS if any(sign in words for sign in signs)), "task")
