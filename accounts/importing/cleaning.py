"""Cells of text become values, by the fields of the very forms that people type into. No database.

A value is what the database reads from JSON. What a cell cannot be is a problem: words that are the same for every row
with the same mistake, and what stood there.
"""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.forms.accounts import domain_of
from salesorg.lib.sheets import unsafe
from salesorg.lib.validators import check_amount, check_business_date

from .columns import NO, YES, choices_of, plain

REMEMBERED = 20_000  # different cells per column: cities, industries and flags are read once
DAY = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[ ,T]+(\d{1,2}:\d{2}))?(?::\d{2})?$")


class Cleaner:
    """Reads the rows of one import. `clean(cells)` gives (values, keys, problems)."""

    def __init__(self, *, kind, mapping, options, time_zone):
        self.kind, self.options, self.zone = kind, options, ZoneInfo(time_zone)
        self.width = len(mapping)
        self.columns = [(place, kind.columns[name]) for place, name in enumerate(mapping) if name in kind.columns]
        self.known = {column.name: {} for _place, column in self.columns}
        self.choices = {column.name: choices_of(column) for _place, column in self.columns if column.reads == "choice"}

    def clean(self, cells):
        """({column: value}, {key: value}, [(problem, what stood there)]) of one row; empty cells say nothing."""
        if len(cells) > self.width and any(cell.strip() for cell in cells[self.width :]):
            return {}, {}, [(_("The row has more cells than there are headings."), cells[self.width])]
        if len(cells) < self.width and self.options["format"] == "csv":
            return {}, {}, [(_("The row has fewer cells than there are headings."), "")]
        values, keys, problems = {}, {}, []
        for place, column in self.columns:
            text = unsafe(cells[place].strip()) if place < len(cells) else ""
            if not text:
                continue
            value, problem = self._read(column, text)
            if problem:
                problems.append((f"{column.label}: {problem}", text[:200]))
            else:
                (keys if "." in column.name else values)[column.name] = value
        self._join_names(values)
        return values, keys, problems

    def _read(self, column, text):
        """(value, "") or (None, problem); the same cell is read once."""
        known = self.known[column.name]
        if text not in known:
            if len(known) >= REMEMBERED:
                known.clear()
            try:
                known[text] = getattr(self, f"_{column.reads}")(column, text), ""
            except ValidationError as error:
                known[text] = None, _in_words(error)
        return known[text]

    @staticmethod
    def _join_names(values):
        parts = [values.pop(name) for name in ("first_name", "last_name") if name in values]
        if parts and "name" not in values:
            values["name"] = " ".join(parts)[:100]

    # ── one way of reading for each kind of column ──

    def _text(self, column, text):
        return column.field.clean(text)

    def _domain(self, column, text):
        return domain_of(column.field.clean(text))

    def _number(self, column, text):
        number = column.field.clean(as_number(text, comma=self.options["decimal_comma"]))
        if column.name in ("annual_revenue", "potential"):
            check_amount(number)
        return str(number)

    def _flag(self, column, text):
        word = text.casefold()
        if word not in YES | NO:
            raise ValidationError(_("Write yes or no."))
        return word in YES

    def _choice(self, column, text):
        value = self.choices[column.name].get(plain(text))
        if value is None:
            known = ", ".join(str(label) for value, label in column.field.choices if value)
            raise ValidationError(_("Expected is one of: %(choices)s.") % {"choices": known})
        return value

    def _day(self, column, text):
        return column.field.clean(self._moment_of(text).date()).isoformat()

    def _moment(self, column, text):
        moment = self._moment_of(text)
        check_business_date(moment.date())
        moment = moment.replace(tzinfo=self.zone) if moment.tzinfo is None else moment
        if moment > datetime.now(self.zone):
            raise ValidationError(_("What has not happened yet is due, not done."))
        return moment.isoformat()

    def _moment_of(self, text):
        """2026-03-31, 31.3.2026 or 31/3/2026, with or without a time; month first where the import says so."""
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            found = DAY.match(text)
        if found:
            first, mark, second, year, clock = found.groups()
            day, month = (second, first) if mark != "." and self.options.get("month_first") else (first, second)
            try:
                day = date(int(year), int(month), int(day))
                return datetime.fromisoformat(f"{day.isoformat()} {(clock or '00:00').zfill(5)}")
            except ValueError:
                pass
        raise ValidationError(_("Write a date such as 2026-03-31."))


def as_number(text, *, comma):
    """“1.234,50 €” and “1,234.50” are 1234.50; `comma` says what a lone mark means."""
    text = re.sub(r"[\s'’_]|[€$£]|^(?:EUR|USD|CHF)|(?:EUR|USD|CHF)$", "", text)
    if "." in text and "," in text:
        comma = text.rfind(",") > text.rfind(".")
    group, point = (".", ",") if comma else (",", ".")
    if group in text and not re.fullmatch(rf"-?\d{{1,3}}(\{group}\d{{3}})+(\{point}\d*)?", text):
        return text  # not a number in this way of writing: the field says so
    return text.replace(group, "").replace(point, ".")


def _in_words(error):
    if error.error_list[0].code == "max_length":
        limit = error.error_list[0].params["limit_value"]
        return _("Longer than %(limit)d characters.") % {"limit": limit}
    return error.messages[0]
