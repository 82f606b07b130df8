"""The parts of an import's work that workers share: reading and checking a file, writing its rows, undoing it."""

import json
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Import, ImportRow
from salesorg.audit.services import undo
from salesorg.jobs.runs import register_step
from salesorg.lib.db import copy_rows
from salesorg.lib.errors import DomainError
from salesorg.people.speaking import speaking_to

from .cleaning import Cleaner
from .columns import KINDS
from .likely import note_likely
from .matching import deciding, mark_repeated
from .reading import rows
from .writing import write_rows

CHECK, WRITE, UNDO = "import check", "import", "import undo"
CHECKED_AT_ONCE = 10_000  # rows a part
WRITTEN_AT_ONCE = 5_000  # rows a part: whoever creates an account by hand waits for it, about a second
as_json = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make an encoder for every call
ROW = ["made_by", "number", "cells", "values", "keys", "outcome", "reason", "found", "note"]


def register():
    """Called in AppConfig.ready."""
    register_step(job=CHECK, order=1, name=gettext_lazy("Read the file"), parts=_whole, work=_read)
    register_step(job=CHECK, order=2, name=gettext_lazy("Compare"), parts=_ranges(CHECKED_AT_ONCE), work=_compare)
    register_step(job=CHECK, order=3, name=gettext_lazy("Look for likely duplicates"), parts=_whole, work=_likely)
    register_step(job=CHECK, order=4, name=gettext_lazy("Count"), parts=_whole, work=_checked)
    register_step(job=WRITE, order=1, name=gettext_lazy("Write"), parts=_ranges(WRITTEN_AT_ONCE), work=_write)
    register_step(job=WRITE, order=2, name=gettext_lazy("Count"), parts=_whole, work=_written)
    register_step(job=UNDO, order=1, name=gettext_lazy("Undo"), parts=_whole, work=_undo)


@contextmanager
def _import_of(run):
    """The import that the run works on, in the language and time zone of its person."""
    imported = Import.objects.select_related("user").defer("content").get(run_id=run.pk)
    with speaking_to(imported.user):
        yield imported


def _whole(run):
    return [("all", {})]


def _ranges(size):
    def parts(run):
        with _import_of(run) as imported:
            last = imported.rows.aggregate(last=Max("number"))["last"] or 0
        return [(f"{first:07}", {"first": first, "last": first + size - 1}) for first in range(1, last + 1, size)]

    return parts


# ── reading and checking ──


def _read(run, payload):
    """Every row of the file into the table of rows, with its values or what is wrong with its cells."""
    with _import_of(run) as imported:
        ImportRow.objects.filter(made_by=imported).delete()
        try:
            with transaction.atomic():
                count = copy_rows(ImportRow, ROW, _cleaned(imported))
        except DomainError as refusal:  # of the file as a whole: said on its page, and nothing is kept of it
            Import.objects.filter(pk=imported.pk).update(problem=str(refusal), state=Import.State.NEW)
            return None
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE accounts_importrow")  # it has just grown by a whole file
        if KINDS[imported.kind].work is None:
            mark_repeated(imported)
        return {_("rows"): count}


def _cleaned(imported):
    cleaner = Cleaner(
        kind=KINDS[imported.kind],
        mapping=imported.mapping,
        options=imported.options,
        time_zone=imported.user.time_zone,
    )
    for number, cells in rows(imported.content, imported.options):
        values, keys, problems = cleaner.clean(cells)
        reason, found = problems[0] if problems else ("", "")
        yield (
            imported.pk,
            number,
            as_json(cells),
            None if problems else as_json(values),
            as_json(keys),
            "refused" if problems else "",
            reason,
            found,
            " ".join(also for also, _found in problems[1:]),
        )


def _compare(run, payload):
    with _import_of(run) as imported:
        if work := KINDS[imported.kind].work:
            return work.check(imported, payload["first"], payload["last"])
    with _import_of(run) as imported, deciding(imported, payload["first"], payload["last"]) as decision:
        decision.keep()
    return None


def _likely(run, payload):
    with _import_of(run) as imported:
        if KINDS[imported.kind].work is None:
            note_likely(imported)


def _checked(run, payload):
    with _import_of(run) as imported:
        _finish(imported, Import.State.CHECKING, Import.State.CHECKED)


def _finish(imported, before, after):
    counts = dict(imported.rows.order_by().values_list("outcome").annotate(Count("pk")))
    Import.objects.filter(pk=imported.pk, state=before).update(state=after, counts=counts)


# ── writing and undoing ──


def _write(run, payload):
    with _import_of(run) as imported:
        write = work.write if (work := KINDS[imported.kind].work) else write_rows
        return write(imported, payload["first"], payload["last"])


def _written(run, payload):
    with _import_of(run) as imported:
        _finish(imported, Import.State.WRITING, Import.State.DONE)


def _undo(run, payload):
    with _import_of(run) as imported:
        try:
            with transaction.atomic():
                work = KINDS[imported.kind].work
                changes = work.undo(imported) if work else undo(context=imported.context, actor=imported.user).changes
        except DomainError as refusal:
            Import.objects.filter(pk=imported.pk).update(problem=str(refusal), state=Import.State.DONE)
            return None
        Import.objects.filter(pk=imported.pk).update(problem="", state=Import.State.UNDONE)
        return {_("changes taken back"): changes}
