"""History in words: fields by their names, other records by theirs, people, times and causes as a reader knows them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from salesorg.lib.templatetags.salesorg import day

from .models import Change
from .recorded import may_undo, recorded_models, visible_rows

LONGEST = 300  # characters of a value that are shown
OPERATIONS = {"INSERT": gettext_lazy("created"), "UPDATE": gettext_lazy("changed"), "DELETE": gettext_lazy("deleted")}
ICONS = {"INSERT": "plus-lg", "UPDATE": "pencil", "DELETE": "trash"}
YEARS_END = 10_000  # from here on digits are grouped; below it "1,996" would misread the year 1996
NEVER_SHOWN = {"id", "external_key", "client_id", "created_at"}  # the machine's own business


@dataclass(frozen=True)
class Line:
    """One field: what it was and what it became. None: it had no value."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Entry:
    """One change, ready to be shown."""

    change: Change
    kind: str  # of record: "account"
    row: str
    url: str | None
    who: str
    what: str
    icon: str
    why: str
    lines: list
    may_undo: bool


def history_of(row):
    """The changes of one record, newest first. Only for who may see the record: the caller has asked."""
    return Change.objects.of_row(row._meta.db_table, row.pk).order_by("-pk")


def entries(changes, user):
    """An Entry for each change, with one query for each kind of record they mention."""
    names = Names(user)
    for change in changes:
        for model, pk in _mentioned(change):
            names.wants(model, pk)
    names.fetch()
    return [_entry(change, names, user) for change in changes]


def of_few_kinds(changes, most):
    """The changes from the first on that together mention at most `most` kinds of record, since each kind is a query."""
    kinds, taken = set(), []
    for change in changes:
        kinds |= {model for model, pk in _mentioned(change) if model is not None and isinstance(pk, int)}
        if taken and len(kinds) > most:
            break
        taken.append(change)
    return taken


def _mentioned(change):
    """(model, key) of every record that the change is about or names."""
    model = recorded_models().get(change.table)
    yield get_user_model(), change.actor_id
    yield model, change.row_id
    for field, value in _values(model, change):
        if field.is_relation:
            yield field.related_model, value


def _entry(change, names, user):
    model = recorded_models().get(change.table)
    row = names.row(model, change.row_id)
    return Entry(
        change=change,
        kind=str(model._meta.verbose_name) if model else change.table,
        row=str(row) if row else _former_name(model, change, names),
        url=address_of(row),
        who=names.of(get_user_model(), change.actor_id) if change.actor_id else _("The system"),
        what=str(OPERATIONS[change.operation]),
        icon=ICONS[change.operation],
        why=cause_in_words(change.cause),
        lines=_lines(model, change, names),
        may_undo=bool(change.context) and change.actor_id == user.pk and model is not None and _may_undo(model, row, user),
    )


def _may_undo(model, row, user):
    """Whether an undo is offered: never where the record itself says that it stays (`may_be_taken_back`)."""
    return may_undo(model, user) and getattr(row or model, "may_be_taken_back", True) is not False


def _former_name(model, change, names):
    """What a row that is gone, or that only who reads the audit may know of, was called in this very change."""
    known = {**(change.before or {}), **(change.after or {})}
    if known.get("name"):
        return known["name"]
    fields = [model._meta.get_field(name) for name in _named_by(model)] if model else []
    parts = [names.of(field.related_model, known[field.column]) for field in fields if known.get(field.column)]
    return " · ".join(parts) or f"#{change.row_id}"


def _named_by(model):
    """The related records that a row's own name is made of: NAMED_BY of its model."""
    return getattr(model, "NAMED_BY", ())


def address_of(row):
    """Where the record is shown; None for one without a page of its own."""
    return row.get_absolute_url() if hasattr(row, "get_absolute_url") else None


def _lines(model, change, names):
    before, after = change.before or {}, change.after or {}
    lines = []
    for column in {**before, **after}:
        field = _field(model, column)
        if column in NEVER_SHOWN or (field and field.name in NEVER_SHOWN):
            continue
        told = getattr(model, "HISTORY_WORDS", {}).get(column)
        if told:  # what the model itself puts in words, with all that the change knows of the row
            words = [told(values[column], before | after) if values.get(column) else None for values in (before, after)]
        else:
            words = [_words(field, values.get(column), names) for values in (before, after)]
        line = Line(_name(field, column), *words)
        # A creation or a deletion shows what there was to tell.
        if change.operation == Change.Operation.UPDATE or line.before or line.after:
            lines.append(line)
    return lines


def _values(model, change):
    """(field, value) of every value of the change whose field still exists."""
    for values in (change.before or {}, change.after or {}):
        for column, value in values.items():
            field = _field(model, column)
            if field is not None and value is not None:
                yield field, value


def _field(model, column):
    fields = model._meta.concrete_fields if model else ()
    return next((field for field in fields if field.column == column), None)


def _name(field, column):
    name = str(field.verbose_name) if field else column.removesuffix("_id").replace("_", " ")
    return name[:1].upper() + name[1:]


class Names:
    """Rows named in a history, fetched together, and only as far as the reader may see them."""

    def __init__(self, user):
        self.user = user
        self.wanted = {}
        self.rows = {}

    def wants(self, model, pk):
        if model is not None and isinstance(pk, int):
            self.wanted.setdefault(model, set()).add(pk)

    def fetch(self):
        for model, ids in self.wanted.items():
            rows = visible_rows(model, self.user).filter(pk__in=ids)
            if named_by := _named_by(model):  # without a name select_related would follow every key there is
                rows = rows.select_related(*named_by)
            self.rows[model] = {row.pk: row for row in rows}

    def row(self, model, pk):
        return self.rows.get(model, {}).get(pk)

    def of(self, model, pk):
        row = self.row(model, pk)
        return str(row) if row else f"#{pk}"


def _words(field, value, names):  # noqa: PLR0911 (one answer for each kind of value)
    """A value of history as its reader knows it."""
    if value is None or value in ("", [], {}):
        return None
    if field is None:
        return _short(value)
    if isinstance(value, list):
        each = [_words(getattr(field, "base_field", None), item, names) or "" for item in value]
        return _short(", ".join(each)) or None
    if field.is_relation:
        return names.of(field.related_model, value)
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | Decimal):
        grouped = abs(value) >= YEARS_END
        return number_format(Decimal(value).normalize() + 0, use_l10n=True, force_grouping=grouped)
    if isinstance(field, models.DateField):  # a moment is one too
        return _moment(field, value)
    if found := re.fullmatch(r"\[(\d{4}-\d\d-\d\d),(\d{4}-\d\d-\d\d)?\)", str(value)):
        return _during(*found.groups())
    return _short(value)


def _short(value):
    text = str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _moment(field, value):
    try:
        moment = field.to_python(value)
    except ValidationError:
        return _short(value)
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
        return f"{day(moment)}, {moment:%H:%M}"
    return day(moment)


def _during(start, until):
    """The database's half-open period, by its first and last day."""
    first = day(date.fromisoformat(start))
    if until is None:
        return _("since %(first)s") % {"first": first}
    last = day(date.fromisoformat(until) - timedelta(days=1))
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def cause_in_words(cause):
    """Pages are known by their URL name, follow-up work by its topic, the rest speaks for itself."""
    if cause.startswith("undo "):
        return _("taking back: %(cause)s") % {"cause": cause_in_words(cause.removeprefix("undo "))}
    if re.fullmatch(r"\w+[:.]\w+", cause):
        return re.split(r"[:.]", cause)[1].replace("_", " ")
    return cause.replace("_", " ")


def summary_of(lines):
    """The names of the changed fields in one line of a list."""
    shown = ", ".join(line.name for line in lines[:4])
    more = len(lines) - 4
    return shown if more <= 0 else _("%(shown)s and %(more)s") % {
        "shown": shown,
        "more": ngettext("%(n)d more", "%(n)d more", more) % {"n": more},
    }  # fmt: skip
