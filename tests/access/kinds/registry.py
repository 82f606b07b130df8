"""The kinds of records that the access matrix asks for: a registry, and who sees what in a pod that shares its work."""

from dataclasses import dataclass
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from ..matrix.lines import EVERYONE, FINANCE, OPERATIONS, READERS

SINCE = DateRange(date(2020, 1, 1), None)
ABSENT = 999_999_999


@dataclass(frozen=True)
class Kind:
    """`make(person, marker)` returns the key of a new record of this person, in whose name `marker` can be read on a list."""

    make: object
    own: frozenset
    mate: frozenset
    stranger: frozenset
    absent: object


KINDS = {}


def kind(*, own, mate, stranger, absent=ABSENT):
    """Register a kind: who sees one's own, a teammate's and a stranger's record of it."""

    def register(make):
        KINDS[make.__name__] = Kind(make, frozenset(own), frozenset(mate), frozenset(stranger), absent)
        return make

    return register


# Of a pod that shares its work, whose leaders and helpers are in the pod and whose assistant assists the teammate.
RECORDS = {"own": EVERYONE, "mate": READERS, "stranger": OPERATIONS | FINANCE}
PUBLIC = {"own": EVERYONE, "mate": EVERYONE, "stranger": EVERYONE}
PRIVATE = {"own": EVERYONE, "mate": (), "stranger": ()}
