"""The tables of a page as a reader sees them: their cells as words, without a look at how they were made."""

from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser


class _Tables(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tables, self._hidden, self._in_cell = [], 0, False

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif self.tables and tag == "tr":
            self.tables[-1].append([])
        elif self.tables and tag in {"td", "th"} and self.tables[-1]:
            self.tables[-1][-1].append("")
            self._in_cell = True
        if self._hidden or "visually-hidden" in dict(attrs).get("class", ""):
            self._hidden += 1

    def handle_endtag(self, tag):
        self._hidden = max(self._hidden - 1, 0)
        self._in_cell = self._in_cell and tag not in {"td", "th"}

    def handle_data(self, data):
        if self._in_cell and not self._hidden:
            self.tables[-1][-1][-1] += data


def tables_of(page):
    """Every table of the answer `page`, as lists of rows of cells; the first row holds the heads."""
    reader = _Tables()
    reader.feed(page.content.decode())
    return [[[" ".join(cell.split()) for cell in row] for row in table] for table in reader.tables]


def percent(part, whole):
    """A share as pages say it: 63.1%, 64%."""
    return f"{part / whole * 100:.1f}".removesuffix(".0") + "%"


def count(number):
    return f"{number:,}"


def days(number):
    """A number of days to one decimal, halves up."""
    return str(Decimal(str(number)).quantize(Decimal("0.1"), ROUND_HALF_UP))
