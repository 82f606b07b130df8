"""Reads CSV files strictly: every refusal is a sentence that names the file, the line and the field. No database.

A file is read whole before anything is written, so a refused one leaves nothing behind, and one run names every mistake.
"""

import csv
import io
from datetime import datetime
from decimal import Decimal, InvalidOperation
from errno import EFBIG
from pathlib import Path

from django.utils.translation import gettext as _

from salesorg.lib.errors import DomainError
from salesorg.lib.validators import FIRST_DAY, LARGEST_AMOUNT, LAST_DAY

LARGEST_COUNT = 2_000_000_000  # people of one company, and what an integer column holds
LARGEST_FILE = 256 * 1024 * 1024  # bytes: a file is read whole, and must not take the machine's memory
SHOWN = 20  # refusals told at once: enough to mend a file, few enough to read


class Refusals:
    """What is wrong with the files, collected so that one run names it all."""

    def __init__(self):
        self.sentences = []

    def add(self, sentence):
        self.sentences.append(str(sentence))

    def raise_any(self):
        """Raise DomainError with the first refusals, when there are any."""
        if not self.sentences:
            return
        shown = self.sentences[:SHOWN]
        if more := len(self.sentences) - len(shown):
            shown.append(_("… and %(count)d more.") % {"count": more})
        raise DomainError("\n".join([*shown, _("Nothing was imported.")]))


class Row:
    """One line of a file; its methods read one field each and note a refusal when it cannot be what it should."""

    def __init__(self, file, line, values, refusals):
        self.file, self.line, self.values, self._refusals = file, line, values, refusals

    def refuse(self, field, why):
        """Note that `field` of this line cannot be taken; `why` says what is expected."""
        found = self.values.get(field) or ""
        shown = f"{found[:40]}…" if len(found) > 40 else found
        words = {"file": self.file, "line": self.line, "field": field, "found": shown, "why": why}
        self._refusals.add(_("%(file)s, line %(line)d, %(field)s: “%(found)s” %(why)s") % words)

    def text(self, field, *, limit, required=False):
        """The field as it is written, without spaces around it; never longer than `limit` characters."""
        value = self.values[field].strip()
        if required and not value:
            self.refuse(field, _("is empty; a value is needed."))
        if len(value) > limit:
            self.refuse(field, _("is longer than %(limit)d characters.") % {"limit": limit})
        return value

    def choice(self, field, choices):
        """The field, which must be one of `choices`."""
        value = self.values[field].strip()
        if value not in choices:
            self.refuse(field, _("is not known; expected one of: %(choices)s.") % {"choices": ", ".join(choices)})
        return value

    def amount(self, field, *, largest=LARGEST_AMOUNT):
        """A Decimal from 0 to `largest` with at most four decimals, or None when the field is empty."""
        value = self.values[field].strip()
        if not value:
            return None
        try:
            amount = Decimal(value) if value.isascii() and "_" not in value else Decimal("NaN")
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite():
            return self.refuse(field, _("is not a number such as 1250 or 1250.50."))
        if amount < 0:
            return self.refuse(field, _("is negative; an amount of 0 or more is expected."))
        if amount > largest:
            return self.refuse(field, _("is larger than %(largest)s.") % {"largest": f"{largest:,}"})
        if amount.normalize().as_tuple().exponent < -4:
            return self.refuse(field, _("has more than four decimals."))
        return amount

    def whole(self, field, *, smallest=0, largest=LARGEST_COUNT):
        """A whole number from `smallest` to `largest`, or None when the field is empty."""
        value = self.values[field].strip()
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and len(value) <= 12 and smallest <= int(value) <= largest):
            words = {"smallest": smallest, "largest": largest}
            return self.refuse(field, _("is not a whole number from %(smallest)d to %(largest)d.") % words)
        return int(value)

    def moment(self, field, pattern, example):
        """A naive datetime written like `example` (strptime `pattern`), or None when the field is empty."""
        value = self.values[field].strip()
        if not value:
            return None
        try:
            moment = datetime.strptime(value, pattern)  # noqa: DTZ007 (the files know no time zone)
        except ValueError:
            return self.refuse(field, _("is not a date such as %(example)s.") % {"example": example})
        if not FIRST_DAY <= moment.date() <= LAST_DAY:
            return self.refuse(field, _("lies outside the years 2000 to 2100."))
        return moment

    def day(self, field, pattern="%Y-%m-%d", example="2017-03-31"):
        """A date written like `example`, or None when the field is empty."""
        moment = self.moment(field, pattern, example)
        return moment and moment.date()


def read_table(folder, name, columns, refusals):
    """The rows of `folder`/`name`, which must have `columns` in its header; [] with a refusal when it cannot be read."""
    text = _text_of(Path(folder), name, refusals)
    if text is None:
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [title.strip() for title in next(reader, [])]
        missing = [column for column in columns if column not in header]
        if missing or len(set(header)) != len(header):
            words = {"file": name, "missing": ", ".join(missing) or _("none"), "expected": ", ".join(columns)}
            refusals.add(
                _("%(file)s, line 1: the header does not fit. Missing columns: %(missing)s. Each once: %(expected)s.") % words
            )
            return []
        return list(_rows(reader, name, header, refusals))
    except csv.Error as problem:
        words = {"file": name, "line": reader.line_num, "problem": _in_words(problem)}
        refusals.add(_("%(file)s, up to line %(line)d: %(problem)s") % words)
        return []


def _rows(reader, name, header, refusals):
    last = reader.line_num
    for values in reader:
        line, last = last + 1, reader.line_num  # a quoted field may span lines: name the one where the row begins
        if not values:
            continue
        if len(values) != len(header):
            words = {"file": name, "line": line, "found": len(values), "expected": len(header)}
            refusals.add(_("%(file)s, line %(line)d: %(found)d fields instead of the header's %(expected)d.") % words)
            continue
        yield Row(name, line, dict(zip(header, values, strict=True)), refusals)


def _text_of(folder, name, refusals):
    path = folder / name
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise OSError(EFBIG, _("it is larger than %(most)d MB") % {"most": LARGEST_FILE // 1024**2})
        content = path.read_bytes()
    except FileNotFoundError:
        where = _("it is not in the folder %(folder)s.") if folder.is_dir() else _("the folder %(folder)s does not exist.")
        refusals.add(f"{name}: {where % {'folder': folder}}")
        return None
    except OSError as problem:
        refusals.add(_("%(file)s cannot be read: %(problem)s.") % {"file": name, "problem": problem.strerror})
        return None
    if not content.strip():
        refusals.add(_("%(file)s is empty; a header line and rows are expected.") % {"file": name})
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        refusals.add(_("%(file)s, line %(line)d: not UTF-8 text. Save the file as UTF-8.") % {"file": name, "line": line})
        return None
    if (position := text.find("\x00")) >= 0:
        line = text.count("\n", 0, position) + 1
        refusals.add(_("%(file)s, line %(line)d: holds a NUL character, so it is not text.") % {"file": name, "line": line})
        return None
    return text


def _in_words(problem):
    if "unexpected end of data" in str(problem):
        return _("a quotation mark is opened and never closed.")
    if "field larger" in str(problem):
        return _("a field is longer than 131,072 characters; perhaps a quotation mark is not closed.")
    return _("a quotation mark stands where none belongs (%(problem)s).") % {"problem": problem}


def once_each(rows, key, refusals):
    """`rows` (pairs of Row and parsed record) without repetitions; the same `key` with different content is refused.

    Returns (records by key value, Rows that repeat an earlier one word for word).
    """
    found, repeated = {}, []
    for row, record in rows:
        name = row.values[key].strip()
        if name not in found:
            found[name] = (row, record)
        elif found[name][0].values == row.values:
            repeated.append(row)
        else:
            row.refuse(key, _("already stands in line %(line)d with other values.") % {"line": found[name][0].line})
    return {name: record for name, (_row, record) in found.items()}, repeated
