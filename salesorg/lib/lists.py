"""Lists of records: the columns of a page said once, their choice and order read from the address, the rows built in Python.

A row of a list is some ten cells, and a page has fifty rows: as template tags and includes they cost more than the
queries. Here a cell is a plain function, and a row is joined once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django.urls import reverse
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .addresses import around
from .pagination import page_of
from .templatetags.salesorg import NOTHING, figure, icon

COUNTED = 10_000  # rows a head counts exactly; beyond that it says "10,000+" and counts on demand


@dataclass(frozen=True)
class Column:
    """One column: its header, and what stands in the cell of a row.

    `cell(row, facts)` gives the cell's content; what is not marked safe is escaped. `order` is the name of a not-null
    column or an expression that the database orders by, with an index wherever the table may grow big.
    """

    name: str
    label: str
    cell: Callable
    css: str = ""  # "number" (to the right), "short" (cut), "wide" (may wrap)
    minor: bool = False  # left out on a phone
    default: bool = True  # shown unless the address chooses otherwise
    order: object = None  # None: the list is not ordered by it
    falling: bool = False  # ordered by it, the largest or latest comes first
    unit: str = ""  # name of a fact that holds the unit shown in the header

    @property
    def classes(self):
        return f"{self.css} minor".strip() if self.minor else self.css


@dataclass(frozen=True)
class RowAction:
    """A small button at the end of a row, shown when the pointer or the keyboard is on it."""

    url_name: str  # of the record
    icon: str
    label: str  # with %(name)s
    title: str
    query: str = ""  # the page takes the record as this parameter, and not in its path
    edits: bool = False  # what E does


class Listing:
    """The list of one page: which columns it shows, in which order its rows come, and the HTML of both.

    `selection` is a ListSelection. The first column holds the link to the record and is always shown. `order` names the
    column that orders the list when the address does not say, with a "-" for the other way round. With `pick` rows can
    be selected; `page_name` is the URL name under which views of it are kept; `actions` are the small buttons at their
    end; `named(row)` is what both call the row.
    """

    def __init__(self, name, columns, selection, *, order, named=str, pick=False, actions=(), page_name=""):
        self.name, self.columns, self.selection, self.page_name = name, columns, selection, page_name
        self.named, self.pick, self.actions = named, pick, actions
        self._by_name = {column.name: column for column in columns}
        asked = selection.get("sort")
        column = self._by_name.get(asked.removeprefix("-"))
        self.sort = asked if column and column.order is not None else order

    # ── what the address chooses ──

    @cached_property
    def shown(self):
        """The columns shown, in the order they were declared."""
        asked = set(self.selection.get("columns").split(",")) & self._by_name.keys()
        first = self.columns[0]
        return [column for column in self.columns if column is first or (column.name in asked if asked else column.default)]

    @cached_property
    def sorted_by(self):
        return self._by_name[self.sort.removeprefix("-")]

    @property
    def falling(self):
        return self.sorted_by.falling != self.sort.startswith("-")

    def page(self, queryset, params):
        """The page of `queryset` that the address (`params`) asks for."""
        by, sign = self.sorted_by.order, "-" if self.falling else ""
        if not isinstance(by, str):
            queryset, by = queryset.annotate(sorted_by=by), "sorted_by"
        order = (f"{sign}{by}",) if by == "pk" else (f"{sign}{by}", f"{sign}pk")
        return page_of(queryset, order, params.get("after", ""), before=params.get("before", ""))

    # ── what the page shows ──

    def heads(self, facts):
        """(column, its unit, the query string that orders by it, aria-sort) of every column shown."""
        for column in self.shown:
            query = now = ""
            if column.order is not None:
                on = column is self.sorted_by
                query = self.selection.query(sort=f"-{column.name}" if on and not self.sort.startswith("-") else column.name)
                now = ("descending" if self.falling else "ascending") if on else ""
            yield column, facts.get(column.unit, ""), query, now

    @property
    def orders(self):
        """(words, query string, whether it is so now) of every order offered."""
        for column in self.columns:
            if column.order is not None:
                yield column.label, self.selection.query(sort=column.name), column is self.sorted_by

    @property
    def choices(self):
        """(words, query string that shows or hides it, whether it is shown) of every column but the first."""
        shown = {column.name for column in self.shown}
        usual = [column.name for column in self.columns[1:] if column.default]
        for column in self.columns[1:]:
            names = [each.name for each in self.columns[1:] if (each.name in shown) != (each is column)]
            # None left is a choice too: the first column alone.
            value = None if names == usual else ",".join(names) or self.columns[0].name
            yield column.label, self.selection.query(columns=value), column.name in shown

    def body(self, rows, facts):
        """The <tr> of every row; `facts` is handed to the cells."""
        cells = [(column.cell, *_around_cell(column, column is self.columns[0])) for column in self.shown]
        boxes = _Box() if self.pick else None
        actions = [_Button(action) for action in self.actions]
        parts = []
        for row in rows:
            parts.append(f'<tr tabindex="-1" data-id="{row.pk}">')
            name = escape(self.named(row)) if boxes or actions else ""
            if boxes:
                parts.append(boxes.html(row.pk, name))
            for cell, opening, closing in cells:
                content = cell(row, facts)
                parts += (opening, content if type(content) is SafeString else conditional_escape(content), closing)
            if actions:
                parts.append('<td class="quick">')
                parts += [action.html(row.pk, name) for action in actions]
                parts.append("</td>")
            parts.append("</tr>")
        return mark_safe("".join(parts))

    def foot(self, cells):
        """A last row: {name of a column: what stands below it}; nothing below the others."""
        parts = ['<td class="pick"></td>'] if self.pick else []
        for column in self.shown:
            opening, closing = _around_cell(column, column is self.columns[0])
            parts += (opening, conditional_escape(cells.get(column.name, "")), closing)
        if self.actions:
            parts.append('<td class="quick"></td>')
        return mark_safe(f"<tfoot><tr>{''.join(parts)}</tr></tfoot>")

    def context(self, page, facts):
        """What parts/list.html needs to show `page`; `facts` is handed to the cells."""
        return {"listing": self, "page": page, "heads": list(self.heads(facts)), "body": self.body(page.rows, facts)}


def _around_cell(column, is_head):
    tag, scope = ("th", ' scope="row"') if is_head else ("td", "")
    css = f' class="{column.classes}"' if column.classes else ""
    return f"<{tag}{css}{scope}>", f"</{tag}>"


class _Box:
    """The box that selects a row; its words are translated once a page."""

    def __init__(self):
        self.label = _("Select %(name)s")

    def html(self, pk, name):
        label = self.label % {"name": name}
        return (
            f'<td class="pick"><input class="form-check-input" type="checkbox" name="row" value="{pk}" aria-label="{label}"></td>'
        )


class _Button:
    """The button of a RowAction; its words and its icon are made once a page."""

    def __init__(self, action):
        self.before, self.behind = (
            around(action.url_name) if not action.query else (f"{reverse(action.url_name)}?{action.query}=", "")
        )
        self.label, self.title, self.icon = str(action.label), escape(action.title), icon(action.icon)
        self.edits = " data-edit" if action.edits else ""

    def html(self, pk, name):
        return (
            f'<a class="btn btn-quiet btn-sm btn-icon" href="{self.before}{pk}{self.behind}"{self.edits}'
            f' aria-label="{self.label % {"name": name}}" title="{self.title}">{self.icon}</a>'
        )


# ── cells ──


def link(url, words):
    return format_html('<a href="{}">{}</a>', url, words)


@lru_cache(maxsize=1_000)
def toned(words, tone):
    return format_html('<span class="{}">{}</span>', tone, words)


@lru_cache(maxsize=1_000)
def pill(words, tone=""):
    return format_html('<span class="pill {}">{}</span>', f"pill-{tone}" if tone else "", words)


def or_nothing(value):
    return value or NOTHING


def displayed(choices):
    """{value: words} of a TextChoices, for a whole list: get_…_display looks them up again for every row."""
    return _displayed(choices, get_language())


@lru_cache(maxsize=200)
def _displayed(choices, language):
    return {value: str(label) for value, label in choices.choices}


# ── the head ──


@dataclass(frozen=True)
class Total:
    """How many rows there are: exactly, or at least."""

    number: int
    exact: bool

    def __str__(self):
        return figure(self.number) if self.exact else f"{figure(self.number)}+"

    @property
    def known(self):
        """The number when it is exact, else None."""
        return self.number if self.exact else None


def total_of(queryset, params=None, most=COUNTED):
    """The Total of `queryset`: to the last row when it has no more than `most` rows, or the address asks for it."""
    if params and params.get("count") == "all":
        return Total(queryset.count(), True)
    number = queryset.order_by().values("pk")[: most + 1].count()
    return Total(number, True) if number <= most else Total(most, False)
