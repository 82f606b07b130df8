"""Files as people have them, and files that cannot be read: each a sentence, never an error."""

import io
import zipfile
from datetime import date, datetime
from time import process_time

import openpyxl
import pytest

from accounts.importing import reading
from salesorg.lib.errors import DomainError

HEAD = b"name,city\n"


def table(content):
    found = reading.look(content, "list.csv")
    return found.header, [cells for _number, cells in reading.rows(content, found.options)]


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        "Müller;Köln\nA;B\n".encode(),
        "\ufeffMüller;Köln\nA;B\n".encode(),
        "Müller;Köln\nA;B\n".encode("cp1252"),
        "Müller\tKöln\nA\tB\n".encode("utf-16"),
        'sep=;\nMüller;Köln\n"A";"B"\n'.encode(),
        "# Accounts\n# Filters: none\nMüller,Köln\nA,B\n".encode(),
        "Müller|Köln\r\n\r\n\r\nA|B\r\n".encode(),
    ],
)
def test_encodings_and_delimiters_are_found(content):
    assert table(content) == (["Müller", "Köln"], [["A", "B"]])


def test_a_workbook_is_read_by_its_values():
    moment = datetime.fromisoformat("2026-03-01 09:00")
    content = workbook(["Name", "Since", "Size"], ["Acme", date(2026, 3, 31), 12.0], [None], ["B", moment, 1.5])
    header, rows = table(content)
    assert header == ["Name", "Since", "Size"]
    assert rows == [["Acme", "2026-03-31", "12"], ["B", "2026-03-01 09:00", "1.5"]]


def bomb():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            for _each in range(140):
                part.write(b"0" * 1024**2)
    return buffer.getvalue()


def with_formula():
    return workbook(["Name"], ["=1+1"])


BAD = {
    "empty": (b"", "is empty"),
    "blanks": (b" \n \n", "is empty"),
    "only_headings": (HEAD, "no rows below"),
    "nul": (HEAD + b"a\x00b,c\n", "NUL character"),
    "open_quote": (HEAD + b'"Acme,Bonn\nBeta,Trier\n', "opened in row 2 is never closed"),
    "stray_quote": (HEAD + b'"Acme" Ltd,Bonn\n', "quotation mark where none belongs"),
    "huge_cell": (HEAD + b"x" * 10_000_000 + b",y\n", "more than 131,072 characters"),
    "many_columns": (b",".join(b"c" for _each in range(1_000_000)) + b"\n1\n", "more than 200 columns"),
    "old_excel": (b"\xd0\xcf\x11\xe0" + b"x" * 1000, "old Excel format"),
    "pdf": (b"%PDF-1.7 ...\n" + b"x\n" * 10, "neither a CSV file"),
    "damaged_workbook": (workbook(["Name"], ["Acme"])[:-300], "cannot be read"),
    "bomb": (bomb(), "unpacks to more"),
    "formula": (with_formula(), "formula without a stored result"),
    "not_text": (HEAD + bytes(range(0x80, 0xA0)) + b",x\n", "not text"),
    "too_large": (b"x" * (reading.LARGEST_FILE + 1), "larger than 30 MB"),
    "zip": (b"PK\x03\x04" + b"x" * 100, "cannot be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_a_sentence(name):
    content, sentence = BAD[name]
    with pytest.raises(DomainError, match=sentence):
        table(content)


def test_too_many_rows_are_told_before_they_are_kept(monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    with pytest.raises(DomainError, match="more than 3 rows"):
        table(HEAD + b"a,b\n" * 4)


@pytest.mark.parametrize("piece", [b'<c r="A1"', b'<c r="A1"><f', b'<c r="A1"><f>'])
def test_a_sheet_made_to_be_slow_is_looked_through_like_any_other(piece):
    started = process_time()
    assert reading.FORMULA_WITHOUT_VALUE.search(piece * 40_000) is None
    assert process_time() - started < 1
