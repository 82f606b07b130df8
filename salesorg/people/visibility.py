"""What one person may see, and why: each grant of the scope with how much it opens, and one record put to the test.

People knows nothing of accounts or deals: each app above registers, in AppConfig.ready, the records that scope decides on.
"""

import copy
from dataclasses import dataclass

from .scope import Scope

_kinds = []


@dataclass(frozen=True)
class Kind:
    """`key` stands in addresses; `label` is its plural in words; `model.objects.visible_to` decides."""

    key: str
    label: str
    model: type


def register(key, label, model):
    """Called in AppConfig.ready by the app that owns the records."""
    _kinds.append(Kind(key, label, model))


def kinds():
    return tuple(_kinds)


def with_only(user, grant):
    """`user` as if `grant` were all that opened anything: every rule of the models above applies, and is not told twice."""
    alone = copy.copy(user)
    alone.scope = Scope(user.pk, user.scope.roles, (grant,), user.scope.led_teams)
    return alone


def opened_by(user):
    """For each grant: (its reason, how many records of each kind it opens), and the same for all of them together."""
    rows = [(grant.why, [_count(kind, with_only(user, grant)) for kind in _kinds]) for grant in user.scope.grants]
    return rows, [_count(kind, user) for kind in _kinds]


def _count(kind, user):
    return kind.model.objects.visible_to(user).count()


@dataclass(frozen=True)
class Answer:
    """Whether the person sees the record, because of which grants; `record` only when the one who asks sees it too."""

    sees: bool
    reasons: tuple
    record: object


def test(user, kind, pk, *, asker):
    """May `user` see the record `pk` of `kind`? A record that does not exist is answered like one that is hidden."""
    rows = kind.model.objects
    reasons = tuple(grant.why for grant in user.scope.grants if rows.visible_to(with_only(user, grant)).filter(pk=pk).exists())
    sees = bool(reasons) or rows.visible_to(user).filter(pk=pk).exists()
    return Answer(sees, reasons, rows.visible_to(asker).filter(pk=pk).first())
