"""What follows an account to its new person: upper apps say how, territories only asks (the pipeline moves open deals)."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Succession:
    """On an account, `taker_id` takes over from `giver_id`; either may be None, when nobody covered or will cover it."""

    account_id: int
    giver_id: int | None
    taker_id: int | None


@dataclass(frozen=True)
class Follower:
    """`count(successions)` says how many records could follow; `move(successions, actor=…)` moves them and says how many."""

    label: str
    count: Callable
    move: Callable


_followers = []


def register(label, *, count, move):
    """Called in AppConfig.ready by the app that owns the records."""
    _followers.append(Follower(label, count, move))


def count_following(successions):
    """How many records could follow, by label."""
    return {follower.label: follower.count(successions) for follower in _followers}


def move_following(successions, *, actor):
    """Moves them. Returns how many, by label."""
    return {follower.label: follower.move(successions, actor=actor) for follower in _followers}
