"""Who may do what, in groups, and one line of the matrix."""

from collections.abc import Callable
from dataclasses import dataclass, field

from salesorg.people.roles import Role

SDRS = {Role.SDR_INBOUND, Role.SDR_OUTBOUND}
SELLERS = SDRS | {Role.AE, Role.SPECIALIST, Role.CSM}
HELPERS = {Role.INSIDE, Role.TECHNICIAN}
ASSISTANT = {Role.ASSISTANT}
LEADERS = {Role.MANAGER, Role.DIRECTOR}
OPERATIONS = {Role.OPERATIONS}
FINANCE = {Role.FINANCE}
ADMINISTRATOR = {Role.ADMINISTRATOR}

FIELD = SELLERS | HELPERS | ASSISTANT | LEADERS | OPERATIONS  # work with customers
READERS = FIELD | FINANCE  # open accounts and deals
ORDERING = FIELD - SDRS  # take orders, confirm and cancel them
SELLING = SELLERS | {Role.INSIDE} | LEADERS | OPERATIONS  # create, change and move deals
REVIEWERS = LEADERS | OPERATIONS | FINANCE  # pipeline and attainment of others
EVERYONE = READERS | ADMINISTRATOR
EXPORTING = READERS - {Role.TECHNICIAN, Role.ASSISTANT}  # take records out as files
MERGING = LEADERS | OPERATIONS | ADMINISTRATOR  # join what is there twice
RUNNERS = OPERATIONS | FINANCE | ADMINISTRATOR  # start and watch runs


# A leader reassigns what the own people lead; the rest of the structure may be looked at, no more.
REASSIGNING = {"own": LEADERS | OPERATIONS, "mate": LEADERS | OPERATIONS, "stranger": OPERATIONS}

# When somebody works is said by themselves, by those who lead them, and by administrators.
PLANNED_FOR = {"own": EVERYONE, "mate": LEADERS | ADMINISTRATOR, "stranger": ADMINISTRATOR}


# A week is planned and closed by its person, by who assists and who leads them; others who see it are refused.
WEEKS = {"own": FIELD, "mate": LEADERS | ASSISTANT, "stranger": FIELD - OPERATIONS}


@dataclass(frozen=True)
class Line:
    """What a URL name needs, and how it is asked."""

    may: frozenset | dict = frozenset()  # roles; where it depends on whose record it is: {"own": …, "mate": …, "stranger": …}
    kind: str = ""  # of record; "" for a page without one
    get: bool = True
    post: dict | None = None
    query: dict = field(default_factory=dict)
    args: Callable = lambda pk: [pk]
    shows: str = ""  # kind of record that the page lists
    refused: int = 403  # what those who may not are answered
    is_public: bool = False


def page(may, *, args=(), **more):
    return Line(may=frozenset(may), args=lambda pk: list(args), **more)


def of(kind, may, **more):
    return Line(may=may, kind=kind, **more)


def public(*args, **more):
    return Line(args=lambda pk: list(args), is_public=True, **more)
