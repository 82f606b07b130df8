"""Who holds each territory, day by day: its own lead, else the nearest lead above it. Pure."""

from dataclasses import dataclass, replace
from datetime import date

from salesorg.lib.effective import During

BEGINNING = date.min  # of what has always been so


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead seat with somebody in it. A vacant seat is left out: it holds nothing."""

    territory: int
    role: int
    user: int
    during: During


@dataclass(frozen=True, slots=True)
class Belonging:
    """What a territory was part of, and when. `parent` is None at the top."""

    territory: int
    parent: int | None
    during: During


@dataclass(frozen=True, slots=True)
class Holder:
    """`user` covers the accounts of `territory` in `role` for a time, by the lead seat of `seat_of`: itself or one above."""

    territory: int
    role: int
    user: int
    seat_of: int
    during: During


def holders(belongings, leads):
    """The Holders of every territory and role that has one, without overlap, in order of territory, role and time.

    `belongings` names every territory, over all the days that matter; days on which nobody holds it are gaps and absent.
    """
    lines, seats = {}, {}
    for each in belongings:
        lines.setdefault(each.territory, []).append(each)
    for lead in leads:
        seats.setdefault((lead.territory, lead.role), []).append(lead)
    roles = sorted({role for _territory, role in seats})
    found = []
    for territory in sorted(lines):
        chains = _chains(territory, lines)
        for role in roles:
            found.extend(_merged(_holders_of(territory, role, chains, seats)))
    return found


def _chains(territory, lines):
    """The territory and everything above it, nearest first, for each stretch of days on which that stays the same."""
    chains, open_chains = [], [((territory,), None)]
    while open_chains:
        chain, during = open_chains.pop()
        for link in lines.get(chain[-1], ()):
            common = link.during if during is None else _common(link.during, during)
            if common is None:
                continue
            if link.parent is None or link.parent in chain:  # a circle must not hang a night
                chains.append((chain, common))
            else:
                open_chains.append(((*chain, link.parent), common))
    return chains


def _holders_of(territory, role, chains, seats):
    for chain, during in chains:
        free = [during]
        for above in chain:
            for lead in seats.get((above, role), ()):
                for common in [common for part in free if (common := _common(part, lead.during))]:
                    yield Holder(territory, role, lead.user, above, common)
                free = [rest for part in free for rest in _without(part, lead.during)]


def _merged(holders_of_one):
    """In order of time, two that touch and say the same made one."""
    merged = []
    for each in sorted(holders_of_one, key=lambda holder: holder.during.start):
        last = merged[-1] if merged else None
        if last and last.during.until == each.during.start and replace(each, during=last.during) == last:
            merged[-1] = replace(last, during=During(last.during.start, each.during.until))
        else:
            merged.append(each)
    return merged


def _common(one, other):
    """The days in both periods, or None."""
    if not one.overlaps(other):
        return None
    ends = [until for until in (one.until, other.until) if until is not None]
    return During(max(one.start, other.start), min(ends) if ends else None)


def _without(period, taken):
    """What is left of `period` when the days of `taken` are gone: none, one or two periods."""
    if not period.overlaps(taken):
        return [period]
    rest = []
    if period.start < taken.start:
        rest.append(During(period.start, taken.start))
    if taken.until is not None and (period.until is None or taken.until < period.until):
        rest.append(During(taken.until, period.until))
    return rest


@dataclass(frozen=True, slots=True)
class Place:
    """A seat with somebody in it, on the day in question."""

    pk: int
    territory: int
    role: int
    user: int
    is_lead: bool


def upwards(territory, parents):
    """The territory and all above it, nearest first; `parents` is {territory: what it is part of, or None}."""
    seen = []
    while territory is not None and territory not in seen:  # a circle must not hang a request
        seen.append(territory)
        territory = parents.get(territory)
    return seen


def in_line(chain, places, roles):
    """Who is to be asked first about an account of `chain` (a territory and what is above it): the Places in that order.

    `roles` in order of preference; within a role the nearest territory, there its lead before the others. Each person once.
    """
    wanted = [each for each in places if each.role in roles and each.territory in chain]
    wanted.sort(key=lambda each: (roles.index(each.role), chain.index(each.territory), not each.is_lead, each.pk))
    first = {}
    for each in wanted:
        first.setdefault(each.user, each)
    return list(first.values())


def on(day, holders_found):
    """{(territory, role): Holder} of those in force on `day`."""
    return {(each.territory, each.role): each for each in holders_found if each.during.covers(day)}
