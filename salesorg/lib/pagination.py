"""Pages that stay as fast on the last page as on the first: each begins after the last row of the one before."""

import json
from dataclasses import dataclass

from django.core import signing
from django.db.models import Q


@dataclass(frozen=True)
class Page:
    rows: list
    after: str | None  # what the next page's address carries as ?after=; None on the last page


def page_of(queryset, order, after="", size=50):
    """One page of `queryset` ordered by `order`, e.g. ("-amount", "pk"): not-null columns, the last one unique.

    `after` comes from the address and is signed, so that nobody can ask for values of columns that are not shown;
    a broken one begins at the first page.
    """
    queryset = queryset.order_by(*order)
    if values := _read(after, order):
        queryset = queryset.filter(_beyond(order, values))
    rows = list(queryset[: size + 1])
    more = len(rows) > size
    return Page(rows[:size], place_of(rows[size - 1], order) if more else None)


def _beyond(order, values):
    """Rows that come after `values`: greater in the first column, or equal there and greater in the next, and so on."""
    beyond, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        column = name.removeprefix("-")
        beyond |= equal & Q(**{f"{column}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{column: value})
    return beyond


def place_of(row, order):
    """What an address carries as ?after= to go on behind `row`."""
    values = []
    for name in order:
        value = row
        for part in name.removeprefix("-").split("__"):
            value = getattr(value, part)
        values.append(value if isinstance(value, int) else str(value))
    return signing.dumps(values, salt=_salt(order))


def _read(after, order):
    try:
        return signing.loads(after, salt=_salt(order)) if after else None
    except (signing.BadSignature, json.JSONDecodeError):
        return None


def _salt(order):
    """A place in one order means nothing in another: there it is read as broken."""
    return "salesorg.lib.pagination:" + ",".join(order)
