"""Two records side by side for the page of a merge: each value of both, and what would move."""

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from . import merging
from .services.merging import choices_of


@dataclass(frozen=True)
class Comparison:
    """`rows` to choose from, `same` where both say the same, `moving` [(what, how many)]."""

    rows: list
    same: list
    moving: list


@dataclass(frozen=True)
class Row:
    """One line: `field` is the bound choice."""

    label: str
    keep: str
    drop: str
    field: object


def compare(form, keep, drop, user):
    """The Comparison of two records of one kind, as far as `user` may read what they name."""
    model = type(keep)
    rows, same = [], []
    for name, columns in choices_of(model).items():
        kept, other = (_words(row, columns, user) for row in (keep, drop))
        row = Row(_label(model, name, columns), kept, other, form[name] if name in form.fields else None)
        if row.field is not None:
            rows.append(row)
        elif kept:
            same.append(row)
    return Comparison(rows, same, merging.counts(model, drop.pk))


def _label(model, name, columns):
    return _("Address") if name == "address" else capfirst(str(model._meta.get_field(columns[0]).verbose_name))


def _words(row, columns, user):
    """The values of these columns as their reader knows them; a record that they may not see is not named."""
    parts = []
    for column in columns:
        field, value = row._meta.get_field(column), getattr(row, column)
        if value in (None, "") or (isinstance(value, float) and parts):  # a pin goes with its address, which says more
            continue
        if field.is_relation:
            visible = type(value)._default_manager.visible_to(user).filter(pk=value.pk).exists()
            value = str(value) if visible else _("a record you may not see")
        elif field.flatchoices:
            value = getattr(row, f"get_{column}_display")()
        elif isinstance(value, bool):
            value = _("yes") if value else _("no")
        elif isinstance(value, float):
            value = f"{value:.5f}"
        elif hasattr(value, "normalize"):
            value = f"{value.normalize():,f}"
        parts.append(str(value))
    return ", ".join(parts)
