"""Stage conversion by cohort: of the deals that entered a stage in a period, how many later went on. Pure.

Distinct deals that entered the stage in the period; the share that later reached the next or any later stage; lost deals
included; each for its owner as of entering. The database computes the same for many deals (pipeline.reports.conversion); a test
holds the two against each other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby


@dataclass(frozen=True, slots=True)
class State:
    """What a deal was from the moment `since` on, until its next state."""

    deal: int
    stage: int
    owner: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A deal's first entry into a stage within the period, and whether it later reached a later stage, or was won."""

    deal: int
    stage: int
    owner: int
    at: datetime
    went_on: bool
    won: bool


@dataclass(frozen=True, slots=True)
class Cohort:
    """How many deals entered, how many of them later went on, and how many were won so far."""

    entered: int
    went_on: int
    won: int

    @property
    def left(self):
        """Those that have not gone on: lost, or still there."""
        return self.entered - self.went_on

    def plus(self, other):
        """Both together; they share no deal."""
        return Cohort(self.entered + other.entered, self.went_on + other.went_on, self.won + other.won)


def entries(states: Iterable[State], ranks: Mapping, won: int, first: datetime, until: datetime) -> list[Entry]:
    """The Entry of each deal and stage from the moment `first` until before `until`, in the order of deals and moments.

    `ranks` {stage: its place} holds the stages of one pipeline that lead to a win, the won stage last under the rank `won`;
    a stage without a rank (lost, or of another pipeline) is never gone on to. A change of amount, owner or date within a
    stage is no entry. Whoever comes back to a stage within the period counts once, from the first time.
    """
    found = []
    for _deal, of_deal in groupby(sorted(states, key=lambda state: (state.deal, state.since)), key=lambda state: state.deal):
        path = list(of_deal)
        seen = set()
        for i, state in enumerate(path):
            came = i == 0 or path[i - 1].stage != state.stage
            rank = ranks.get(state.stage, won)
            if not came or rank >= won or state.stage in seen or not first <= state.since < until:
                continue
            seen.add(state.stage)
            furthest = max((ranks.get(later.stage, -1) for later in path[i + 1 :]), default=-1)
            found.append(Entry(state.deal, state.stage, state.owner, state.since, furthest > rank, furthest == won))
    return found


def cohorts(found: Iterable[Entry], key=lambda entry: None) -> dict:
    """{(stage, key): Cohort} of entries."""
    counted = {}
    for entry in found:
        now = counted.setdefault((entry.stage, key(entry)), [0, 0, 0])
        now[0] += 1
        now[1] += entry.went_on
        now[2] += entry.won
    return {key: Cohort(*numbers) for key, numbers in counted.items()}


def is_too_young(last_day: date, today: date, most: int | None) -> bool:
    """Whether deals that entered up to `last_day` may well go on yet: nine of ten that leave take up to `most` days."""
    return today <= last_day or (most is not None and (today - last_day).days < most)
