"""What somebody leaves behind when they go, and how it passes to a colleague.

People knows nothing of accounts or deals: each app above registers, in AppConfig.ready, what its records mean here.
"""

from collections.abc import Callable
from dataclasses import dataclass

_legacies = []


@dataclass(frozen=True)
class Legacy:
    """`label` is ngettext_lazy over `count`; `count(user, on)` says how many there are on that day or later.

    `transfer(from_user=, to_user=, on=, actor=)` passes all of them on and says how many; it runs inside the caller's
    transaction.
    """

    label: object
    count: Callable
    transfer: Callable


@dataclass(frozen=True)
class Left:
    """How many of one kind somebody leaves behind."""

    legacy: Legacy
    count: int

    def __str__(self):
        return str(self.legacy.label % {"count": self.count})


def register(label, *, count, transfer):
    """Called in AppConfig.ready by the app that owns the records."""
    _legacies.append(Legacy(label, count, transfer))


def left_by(user, on):
    """What `user` covers or owns on `on` or later: a Left for each kind of which there is any."""
    found = (Left(legacy, legacy.count(user, on)) for legacy in _legacies)
    return [left for left in found if left.count]


def transfer_all(*, from_user, to_user, on, actor):
    """Pass everything on, the upper apps first: who holds a seat decides who covers its accounts."""
    for legacy in reversed(_legacies):
        legacy.transfer(from_user=from_user, to_user=to_user, on=on, actor=actor)
