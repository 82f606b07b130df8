"""What people are expected to win in a period: whoever keeps quotas registers how to read them."""

from decimal import Decimal

_sources = []  # filled in AppConfig.ready: source(user, period, currency) → {person id: amount}


def register(source):
    """`source(user, period, currency)` gives {person id: amount} of the targets in `period` that `user` may see."""
    _sources.append(source)


def targets(user, period, currency):
    """{person id: amount} of `period` in `currency`, as far as `user` may see them; who has none is not in it."""
    found = {}
    for source in _sources:
        for person, amount in source(user, period, currency).items():
            found[person] = found.get(person, Decimal(0)) + amount
    return found
