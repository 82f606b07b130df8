"""What came of an import: problems by kind, samples, and one line for each row of the file."""

from django.db.models import Case, Count, Min, When
from django.utils.translation import gettext as _

from accounts.models import Import, ImportRow
from salesorg.lib.sheets import csv_lines

from .columns import KINDS
from .parents import PARENT_ID

SAMPLES = 5  # rows of each outcome
MOST_PROBLEMS = 100  # kinds of problems on the page; the result file has them all
Outcome = ImportRow.Outcome


def problems(imported):
    """The reasons why rows were refused: [{reason, count, first (row)}], the most frequent first."""
    refused = imported.rows.filter(outcome=Outcome.REFUSED).order_by().values("reason")
    return list(refused.annotate(count=Count("pk"), first=Min("number")).order_by("-count", "reason")[:MOST_PROBLEMS])


def samples(imported):
    """Some rows that are new, some with what changes, and some refused: [(outcome words, [(row, lines)])]."""
    shown = []
    for outcome in (Outcome.CHANGED, Outcome.NEW, Outcome.REFUSED):
        if not imported.counts.get(outcome):
            continue
        noted_first = Case(When(note="", then=1), default=0)
        rows = imported.rows.filter(outcome=outcome).order_by(noted_first, "number")[:SAMPLES]
        shown.append((outcome, Outcome(outcome).label, [(row, name_of(row, imported), lines(row, imported)) for row in rows]))
    return shown


def name_of(row, imported):
    """What a reader knows the row by: its name, else its first cell."""
    return (row.values or {}).get("name") or (row.values or {}).get("subject") or next((cell for cell in row.cells if cell), "")


def lines(row, imported):
    """[(column, before, after)] of what the row changes; before is None for a new record."""
    columns = KINDS[imported.kind].columns
    if row.outcome == Outcome.CHANGED:
        return [
            (columns[name].label, in_words(before), in_words(after))
            for name, (before, after) in sorted(row.changes.items())
            if name in columns
        ] + _parent(row, _("another") if row.changes.get(PARENT_ID, [None])[0] else _("nothing"))
    if row.outcome == Outcome.NEW:
        return [(columns[name].label, None, in_words(value)) for name, value in row.values.items() if name in columns] + _parent(
            row, None
        )
    return []


def _parent(row, before):
    """The parent by the words of the file: its name is not to be read by an id of a record that may be hidden."""
    named = row.keys.get("parent.name") or row.keys.get("parent.external_key")
    return [(_("Subsidiary of"), before, named)] if named and (before is None or PARENT_ID in row.changes) else []


def in_words(value):
    """A value of JSON as its reader writes it."""
    if value in (None, ""):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)[:200]


def result_lines(imported):
    """The result file as CSV, piece by piece: each row of the file with what came of it and why."""
    done = imported.state in {Import.State.DONE, Import.State.UNDOING, Import.State.UNDONE}
    head = [_("Row"), _("What happened") if done else _("What would happen"), _("Why"), _("Found"), _("Changes"), _("Note")]
    rows = imported.rows.order_by("number").iterator(chunk_size=2000)
    yield from csv_lines([*head, *imported.header], (_line(row, imported) for row in rows))


def _line(row, imported):
    changes = "; ".join(f"{label}: {before} → {after}" for label, before, after in lines(row, imported) if before is not None)
    return [row.number, Outcome(row.outcome).label, row.reason, row.found, changes, row.note, *row.cells]
