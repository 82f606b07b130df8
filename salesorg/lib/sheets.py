"""Rows as CSV or Excel, safe to open: no cell that a spreadsheet would take for a formula and run."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # Excel reads UTF-8 only with this mark in front
RISKY = ("=", "+", "-", "@", "\t", "\r")
AT_ONCE = 500  # rows a piece
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767  # characters, as much as Excel takes


def safe(text):
    """`text` as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def unsafe(text):
    """`text` without the mark that `safe` put before it, so that what was exported can be imported."""
    return text[1:] if text.startswith("'") and text[1:].startswith(RISKY) else text


def cell(value):
    """A value as text of a CSV: days as 2026-03-31, amounts with a point and no needless zeros."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None).isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date) else safe(str(value))


def csv_lines(head, rows, *, remarks=()):
    """The CSV of `head` and `rows` in pieces of text, for a streamed answer; `remarks` stand above it, one a line."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    for remark in remarks:
        writer.writerow([f"# {remark}"])
    writer.writerow([cell(title) for title in head])
    for count, row in enumerate(rows, 1):
        writer.writerow([cell(value) for value in row])
        if count % AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def csv_answer(lines, name):
    """A download of the pieces that `csv_lines` gives, sent as they come."""
    return StreamingHttpResponse(
        (piece.encode() for piece in lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )


def xlsx_answer(content, name):
    """A download of a workbook."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=XLSX, headers=headers)


def workbook(title, head, rows, facts):
    """The bytes of a workbook: the rows on its first sheet, and on the second `facts`, pairs that say what they are."""
    buffer = io.BytesIO()
    # Text stays text whatever it begins with; rows are written as they come, so that memory stays small.
    book = xlsxwriter.Workbook(
        buffer,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    bold = book.add_format({"bold": True})
    formats = {
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    sheet = book.add_worksheet(title[:31])
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(head) - 1, 18)
    sheet.write_row(0, 0, [str(each) for each in head], bold)
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            _write(sheet, number, place, value, formats)
    about = book.add_worksheet("About")
    about.set_column(0, 0, 18)
    about.set_column(1, 1, 80)
    for number, (what, value) in enumerate(facts):
        about.write_string(number, 0, str(what), bold)
        _write(about, number, 1, value, formats)
    book.close()
    return buffer.getvalue()


def _write(sheet, row, column, value, formats):
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, timezone.localtime(value).replace(tzinfo=None), formats[datetime])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats[date])
    elif isinstance(value, bool):
        sheet.write_string(row, column, "yes" if value else "no")
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value)[:LONGEST_CELL])
