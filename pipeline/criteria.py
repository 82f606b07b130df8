"""The kinds of exit criteria there are: a registry, filled in AppConfig.ready by whoever knows when one is met."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of exit criterion.

    `says(value)` is the sentence that is true of a deal which meets it; `choices()` are the values one chooses from, as
    (value, words), and None means that a sentence is typed. `met(deals, criteria)` gives the (deal's key, criterion's key)
    that are met, in a fixed number of queries; `in_memory` says that it asks the deals themselves, as they are about to be
    saved, and no database. `where(deal, value)` is the address at which it is met; `fields` are the fields of a deal that
    meet it.
    """

    code: str
    label: str
    says: Callable
    met: Callable
    where: Callable
    choices: Callable | None = None
    in_memory: bool = False
    fields: Callable = lambda value: ()


_kinds = {}


def register(kind):
    """Called in AppConfig.ready: from now on stages may ask for it."""
    _kinds[kind.code] = kind


def kinds():
    """All kinds, in the order of their registration."""
    return list(_kinds.values())


def kind_of(code):
    """The kind of that code. One whose app is no longer installed cannot be met, and says so."""
    return _kinds.get(code) or Kind(
        code, _("no longer there"), says=lambda value: value, met=lambda deals, criteria: set(), where=lambda deal, value: ""
    )
