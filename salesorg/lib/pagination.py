"""Pages that stay as fast on the last page as on the first: each begins where the one before or behind it ended."""

import json
from dataclasses import dataclass

from django.core import signing
from django.db.models import BooleanField, Func, Q, Value

LAST = "end"  # ?before=end is the last page


@dataclass(frozen=True)
class Page:
    rows: list
    after: str | None  # what the next page's address carries as ?after=; None on the last page
    before: str | None = None  # what the previous page's address carries as ?before=; None on the first page, or unknown


class Beyond(Func):
    """(a, b) > (x, y), compared as rows: an index on (a, b) then begins right there, wherever that is."""

    output_field = BooleanField()

    def __init__(self, columns, values, sign):
        super().__init__(*columns, *(Value(value) for value in values))
        self.sign = sign

    def as_sql(self, compiler, connection, **extra):
        parts = [compiler.compile(part) for part in self.get_source_expressions()]
        half = len(parts) // 2
        left, right = (", ".join(sql for sql, _params in side) for side in (parts[:half], parts[half:]))
        return f"({left}) {self.sign} ({right})", [param for _sql, params in parts for param in params]


def page_of(queryset, order, after="", size=50, before=None):
    """One page of `queryset` ordered by `order`, e.g. ("-amount", "pk"): not-null columns, the last one unique.

    `after` and `before` come from the address and are signed, so that nobody can ask for values of columns that are
    not shown; a broken one begins at the first page. A page that offers the way back gives `before`, if only as "".
    """
    place = _read(before, order)
    if place or before == LAST:
        return _page_before(queryset, order, place, size)
    queryset = queryset.order_by(*order)
    if values := _read(after, order):
        queryset = queryset.filter(_beyond(order, values))
    rows = list(queryset[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    back = place_of(rows[0], order) if before is not None and values and rows else None
    return Page(rows, place_of(rows[-1], order) if more else None, back)


def _page_before(queryset, order, place, size):
    """The page that ends before `place`, or the last one: read backwards and turned round."""
    backwards = tuple(name[1:] if name.startswith("-") else f"-{name}" for name in order)
    found = queryset.order_by(*backwards)
    if place:
        found = found.filter(_beyond(backwards, place))
    rows = list(found[: size + 1])
    more = len(rows) > size
    if place and not more:  # no more than one page lies before it: the first one, whole
        return page_of(queryset, order, size=size, before="")
    rows = rows[:size][::-1]
    return Page(rows, place_of(rows[-1], order) if place else None, place_of(rows[0], order) if more else None)


def _beyond(order, values):
    """Rows that come after `values`: greater in the first column, or equal there and greater in the next, and so on."""
    falling = {name.startswith("-") for name in order}
    if len(falling) == 1:
        return Q(Beyond([name.removeprefix("-") for name in order], values, "<" if falling.pop() else ">"))
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
