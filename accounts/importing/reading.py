"""Reads a CSV or Excel file of unknown origin as rows of text. What cannot be read is refused in a sentence. No database."""

import codecs
import csv
import io
import re
import warnings
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import dropwhile, islice
from xml.etree.ElementTree import ParseError

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from salesorg.lib.errors import DomainError

LARGEST_FILE = 30 * 1024**2  # bytes: what an upload may have (salesorg.lib.files), some 200,000 accounts
LARGEST_UNPACKED = 512 * 1024**2  # bytes of one sheet, which is read as it streams
LARGEST_STRINGS = 128 * 1024**2  # bytes of everything else in a workbook: that part is held in memory
LONGEST_CELL = 32_767  # characters, as much as Excel puts into one
MOST_COLUMNS = 200
MOST_ROWS = 200_000  # read in one part of a run, which should take under a minute
SHOWN = 5  # first rows on the page of columns
DELIMITERS = ",;\t|"
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
FORMULA_WITHOUT_VALUE = re.compile(
    # Nothing reaches beyond the next "<": a sheet made to be slow is read as fast as any other.
    rb'<c r="([A-Z]+\d+)"[^<>]*><f(?:[^<>]*/>|[^<>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)


@dataclass(frozen=True)
class Found:
    """What a look at a file tells: how it is to be read, its header, and its first rows."""

    options: dict
    header: list
    first: list


def look(content, name):
    """The Found of an uploaded file. Raises DomainError when it cannot be taken."""
    if len(content) > LARGEST_FILE:
        raise DomainError(
            _("%(file)s is larger than %(most)d MB. Split it and import the parts one after the other.")
            % {"file": name, "most": LARGEST_FILE // 1024**2}
        )
    if not content.strip():
        raise DomainError(_("%(file)s is empty. A row of headings and rows below it are expected.") % {"file": name})
    options = _workbook_options(content) or _text_options(content)
    lines = list(islice(_lines(content, options), SHOWN + 1))
    if not lines:
        raise DomainError(_("%(file)s is empty. A row of headings and rows below it are expected.") % {"file": name})
    if len(lines) == 1:
        raise DomainError(_("There are headings and no rows below them."))
    header = _named(lines[0][1])
    return Found(options, header, [(cells + [""] * len(header))[: len(header)] for _number, cells in lines[1:]])


def rows(content, options):
    """(number, cells) of every row below the header that is not empty; `number` is the spreadsheet's own.

    Raises DomainError on the way when the rest of the file cannot be read, or there are too many rows.
    """
    lines = _lines(bytes(content), options)
    next(lines, None)
    for count, (number, cells) in enumerate(lines, 1):
        if count > MOST_ROWS:
            raise DomainError(
                _("There are more than %(most)s rows. Split the file and import the parts one after the other.")
                % {"most": f"{MOST_ROWS:,}"}
            )
        yield number, cells


def _named(cells):
    """The headings, each once and none empty."""
    if len(cells) > MOST_COLUMNS:
        raise DomainError(_("There are more than %(most)d columns. Keep those you need.") % {"most": MOST_COLUMNS})
    header = []
    for place, cell in enumerate(cells, 1):
        name = " ".join(cell.split())[:100] or _("Column %(letter)s") % {"letter": get_column_letter(place)}
        header.append(f"{name} ({place})" if name in header else name)
    return header


def _lines(content, options):
    """(number, cells) of every line that holds something."""
    if options["format"] == "xlsx":
        with _told_in_words():
            yield from _workbook_lines(content)
    else:
        lines = _text_lines(_decoded(content, options["encoding"]), options)
        # Remarks above the headings, as our own exports have them, are not rows.
        yield from dropwhile(lambda line: line[1][0].startswith("# "), lines)


# ── CSV ──


def _text_options(content):
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise DomainError(_("This is the old Excel format. Save it as .xlsx or CSV and upload that."))
    if content[:4] == b"%PDF" or content[:2] == b"PK":
        raise DomainError(_("This is neither a CSV file nor an Excel workbook."))
    encoding = next((name for mark, name in BOMS if content.startswith(mark)), "")
    if not encoding:
        try:
            content.decode()
            encoding = "utf-8"
        except UnicodeDecodeError:
            encoding = "cp1252"
    text = _decoded(content, encoding)
    told = re.match(r"sep=(.)\r?\n", text)
    delimiter = told[1] if told else _delimiter(text[:64_000])
    return {"format": "csv", "encoding": encoding, "delimiter": delimiter, "decimal_comma": delimiter == ";"}


def _decoded(content, encoding):
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise DomainError(_("This is not text in UTF-8, UTF-16 or Windows-1252. Save the file as CSV in UTF-8.")) from None
    if (place := text.find("\x00")) >= 0:
        line = text.count("\n", 0, place) + 1
        raise DomainError(_("Row %(row)d holds a NUL character, so this is not a text file.") % {"row": line})
    return text


def _delimiter(sample):
    """The mark that parts the first rows most evenly; a comma where none does."""

    def evenness(mark):
        try:
            widths = [len(row) for row in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=mark), 20) if row]
        except csv.Error:
            return (0, 0)
        return (widths.count(widths[0]) / len(widths) if widths and widths[0] > 1 else 0, widths[0] if widths else 0)

    return max(DELIMITERS, key=evenness)


def _text_lines(text, options):
    stream = io.StringIO(text, newline="")
    skipped = 0
    if text.startswith("sep="):
        stream.readline()
        skipped = 1
    reader = csv.reader(stream, delimiter=options["delimiter"], strict=True)
    last = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as problem:
            raise DomainError(_csv_problem(problem, last + 1 + skipped)) from None
        if cells is None:
            return
        number, last = last + 1 + skipped, reader.line_num  # a quoted cell may span lines: name the one where the row begins
        if any(cell.strip() for cell in cells):
            yield number, cells


def _csv_problem(problem, row):
    if "unexpected end of data" in str(problem):
        return _("A quotation mark opened in row %(row)d is never closed.") % {"row": row}
    if "field larger" in str(problem):
        return _("Row %(row)d holds a cell of more than 131,072 characters; perhaps a quotation mark is not closed.") % {
            "row": row
        }
    return _("Row %(row)d holds a quotation mark where none belongs. Quotation marks inside a cell are written twice.") % {
        "row": row
    }


# ── Excel ──


def _workbook_options(content):
    """How a workbook is read; None for what is not one. Looks only at its table of contents and at formulas."""
    if content[:2] != b"PK":
        return None
    with _told_in_words(), zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if "[Content_Types].xml" not in archive.namelist() or not any(part.filename.startswith("xl/") for part in parts):
            return None
        sheets = [part for part in parts if part.filename.startswith("xl/worksheets/")]
        # What a part unpacks to is what it declares: zipfile reads no further, and refuses what then does not add up.
        if (
            max((part.file_size for part in sheets), default=0) > LARGEST_UNPACKED
            or sum(part.file_size for part in parts if part not in sheets) > LARGEST_STRINGS
        ):
            raise DomainError(_("This workbook unpacks to more than we can read. Save the sheet as CSV and upload that."))
        for part in sheets:
            _refuse_unknown_formulas(archive, part)
    return {"format": "xlsx", "decimal_comma": False}


def _refuse_unknown_formulas(archive, part):
    """A formula is read by the result that Excel stored with it; a program that stored none would give an empty cell."""
    with archive.open(part) as stream:
        rest = b""
        while piece := stream.read(1024**2):
            piece = rest + piece
            if found := FORMULA_WITHOUT_VALUE.search(piece):
                raise DomainError(
                    _("Cell %(cell)s holds a formula without a stored result. Open the file in Excel, save it, upload it again.")
                    % {"cell": found[1].decode()}
                )
            rest = piece[-4096:]


def _workbook_lines(content):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of drawings and styles, which nobody asked for
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            if not book.worksheets:
                raise DomainError(_("This workbook has no sheet with rows."))
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file says of its size may be wrong
            for number, values in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1), 1):
                cells = [_cell_text(value) for value in values]
                while cells and not cells[-1]:
                    cells.pop()
                if cells:
                    yield number, cells
        finally:
            book.close()


def _cell_text(value):
    """A cell of a workbook as text: numbers with a point, days as 2026-03-31."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date | time) else str(value)


@contextmanager
def _told_in_words():
    try:
        yield
    except (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, OSError, EOFError, TypeError,
            AttributeError, IndexError, OverflowError, NotImplementedError, RuntimeError, zlib.error) as problem:  # fmt: skip
        # Whatever a damaged workbook makes its reader stumble over, the person can do one thing about it.
        raise DomainError(
            _("This workbook cannot be read: it is damaged or protected. Open it in Excel, save it, upload it again.")
        ) from problem
