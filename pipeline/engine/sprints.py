"""Sprints: how much such a week usually holds, and what has become of each thing that was committed. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from statistics import median

VISIT, CALL, STEP, MOVE = "visit", "call", "step", "move"
WEEK = timedelta(days=7)
FEWEST = 3  # past weeks from which "usually" can be said


class Fact(StrEnum):
    """What the records say of something committed."""

    WAITING = "waiting"  # nothing has happened yet
    LOGGED = "logged"  # the visit or call was logged
    STEPPED = "stepped"  # the next step was taken: another one is set
    MOVED = "moved"  # the deal is at its stage, or further
    WON = "won"
    PUT_OFF = "put_off"  # planned for a later week
    LATE = "late"  # done, but after the week
    CANCELLED = "cancelled"  # taken off the calendar
    PASSED_ON = "passed_on"  # somebody else has it now
    LOST = "lost"
    ELSEWHERE = "elsewhere"  # the deal changed its pipeline, or the stage was removed


DONE = frozenset({Fact.LOGGED, Fact.STEPPED, Fact.MOVED, Fact.WON})
OVER = frozenset({Fact.CANCELLED, Fact.PASSED_ON, Fact.LOST, Fact.ELSEWHERE})  # can no longer happen as it was committed


@dataclass(frozen=True, slots=True)
class Planned:
    """The planned visit or call as it stands now: whose it is, for which day, and on which day it was done."""

    key: int
    doer: int
    due_on: date
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class DealNow:
    """A deal as it stands now. `place` is its stage's position."""

    owner: int
    status: str
    pipeline: int
    place: int
    step: str = ""
    step_on: date | None = None


@dataclass(frozen=True, slots=True)
class Commitment:
    """What was committed. `target` is (pipeline, position) of the stage a deal is to reach, None where it was removed."""

    key: int
    kind: str
    doer: int
    since: datetime  # when it was committed
    account: int | None = None
    planned: Planned | None = None
    deal: DealNow | None = None
    target: tuple[int, int] | None = None
    step: str = ""
    step_on: date | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """A visit or call that was made: when, and on which day by the clock of whoever made it."""

    key: int
    kind: str
    doer: int
    account: int
    at: datetime
    on: date


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of something committed; `on` is the day that the fact names, where it has one."""

    fact: Fact
    on: date | None = None

    @property
    def is_done(self):
        return self.fact in DONE

    @property
    def is_over(self):
        return self.fact in OVER


def monday_of(day: date) -> date:
    """The first day of the week that holds `day`: Monday, also around New Year."""
    return day - timedelta(days=day.weekday())


def working_days(calendar, week: date) -> list[date]:
    """The days of the week from `week` on which somebody with this Calendar (lib.working_time) works."""
    days = (week + timedelta(days=i) for i in range(7))
    return [day for day in days if calendar.span(day)]


def usual(weeks: Iterable[tuple[int, int]], days: int) -> int | None:
    """How many a week of `days` working days usually holds, from past weeks (how many were made, working days).

    The median of what each of them would have held in so many days, halves up. Weeks without a working day say nothing;
    None where fewer than FEWEST say something.
    """
    told = [Fraction(made * days, worked) for made, worked in weeks if worked]
    return int(median(told) + Fraction(1, 2)) if len(told) >= FEWEST else None


def outcomes(commitments: Iterable[Commitment], deeds: Iterable[Deed], week: date) -> dict[int, Outcome]:
    """{key: Outcome} of everything committed for the week from `week`.

    A visit or call is done by the planned one, else by another of the same kind at the same account that its doer made
    in the week after committing it; each one made counts for one commitment. What happened to a deal is read from it.
    """
    commitments = sorted(commitments, key=lambda each: (each.planned.due_on if each.planned else date.max, each.key))
    own = {each.planned.key for each in commitments if each.planned}
    deeds = sorted((deed for deed in deeds if week <= deed.on < week + WEEK), key=lambda deed: (deed.at, deed.key))
    free = [deed for deed in deeds if deed.key not in own]
    found = {}
    for each in commitments:
        if each.kind in (VISIT, CALL):
            found[each.key] = _contact(each, free, week)
        elif each.kind == STEP:
            found[each.key] = _step(each, deeds)
        else:
            found[each.key] = _move(each)
    return found


def _contact(each, free, week):
    planned, until = each.planned, week + WEEK
    if planned and planned.done_on and planned.done_on < until:
        return Outcome(Fact.LOGGED, planned.done_on)
    for deed in free:
        if (deed.kind, deed.doer, deed.account) == (each.kind, each.doer, each.account) and deed.at >= each.since:
            free.remove(deed)
            return Outcome(Fact.LOGGED, deed.on)
    if planned is None:
        return Outcome(Fact.CANCELLED)
    if planned.done_on:
        return Outcome(Fact.LATE, planned.done_on)
    if planned.doer != each.doer:
        return Outcome(Fact.PASSED_ON)
    return Outcome(Fact.PUT_OFF, planned.due_on) if planned.due_on >= until else Outcome(Fact.WAITING)


def _step(each, deeds):
    deal = each.deal
    if closed := _closed(deal):
        return closed
    if deal.step.strip().casefold() != each.step.strip().casefold():
        return Outcome(Fact.STEPPED)
    later = deal.step_on and each.step_on and deal.step_on > each.step_on
    if later and any(deed.doer == each.doer and deed.account == each.account and deed.at >= each.since for deed in deeds):
        return Outcome(Fact.STEPPED)  # the same again, and the one before has been taken: somebody was called or seen
    if deal.owner != each.doer:
        return Outcome(Fact.PASSED_ON)
    return Outcome(Fact.PUT_OFF, deal.step_on) if later else Outcome(Fact.WAITING)


def _move(each):
    deal = each.deal
    if closed := _closed(deal):
        return closed
    if each.target is None or each.target[0] != deal.pipeline:
        return Outcome(Fact.ELSEWHERE)
    if deal.place >= each.target[1]:
        return Outcome(Fact.MOVED)
    return Outcome(Fact.PASSED_ON) if deal.owner != each.doer else Outcome(Fact.WAITING)


def _closed(deal):
    return {"won": Outcome(Fact.WON), "lost": Outcome(Fact.LOST)}.get(deal.status)


@dataclass(frozen=True, slots=True)
class Above:
    """Of one kind more is committed than such a week usually holds."""

    kind: str
    committed: int
    usual: int


def above(kinds: Iterable[str], usually: dict[str, int | None]) -> list[Above]:
    """Where the kinds committed pass what is usual ({kind: number}, None where nobody can say)."""
    counts = Counter(kinds)
    return [Above(kind, counts[kind], most) for kind, most in usually.items() if most is not None and counts[kind] > most]
