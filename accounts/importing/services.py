"""What a person does with an import: upload a file, choose its columns, run it, take it back."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import ColumnMapping, Import
from salesorg.jobs.models import Run
from salesorg.jobs.runs import start_run
from salesorg.lib.errors import DomainError

from . import steps
from .columns import KINDS, propose
from .reading import look

State = Import.State


@transaction.atomic
def upload_import(*, kind, file_name, content, actor):
    """Keep the file and propose what its columns mean. Raises DomainError for what cannot be read."""
    found = look(content, file_name)
    mapping = propose(kind, found.header)
    return Import.objects.create(
        user=actor,
        kind=kind,
        file_name=file_name[:200],
        content=content,
        options=found.options,
        header=found.header,
        first_rows=found.first,
        mapping=mapping,
        match=first_match(kind, mapping),
    )


def first_match(kind, mapping):
    """The surest key that these columns offer."""
    matches = KINDS[kind].matches
    return next((match.name for match in matches if {*match.needs} <= {*mapping}), matches[-1].name)


@transaction.atomic
def check_import(*, imported, mapping, match, mode, allow_alike, options, actor):
    """Take the choices and begin the dry run."""
    _claim(imported, {State.NEW, State.CHECKED}, State.CHECKING)
    imported.mapping, imported.match, imported.mode = mapping, match, mode
    imported.allow_alike, imported.options = allow_alike, imported.options | options
    imported.counts, imported.problem = {}, ""
    imported.run_id = start_run(job=steps.CHECK, period=f"{imported.pk}", actor=actor, again=True, alone=False).pk
    imported.save(update_fields=["mapping", "match", "mode", "allow_alike", "options", "counts", "problem", "run_id"])


@transaction.atomic
def save_mapping(*, imported, name, is_shared, actor):
    """Keep the choices of an import by name; one of the same name is replaced."""
    return ColumnMapping.objects.update_or_create(
        user=actor,
        kind=imported.kind,
        name=name,
        defaults={
            "is_shared": is_shared,
            "columns": dict(zip(imported.header, imported.mapping, strict=True)),
            "match": imported.match,
            "mode": imported.mode,
        },
    )[0]


@transaction.atomic
def change_mapping(*, mapping, name, is_shared, actor):
    """Rename a mapping, or share it otherwise. Raises DomainError for a name used already."""
    if ColumnMapping.objects.filter(user=mapping.user_id, kind=mapping.kind, name=name).exclude(pk=mapping.pk).exists():
        raise DomainError(_("You have a mapping of this name. Choose another one."), fields=["name"])
    mapping.name, mapping.is_shared = name, is_shared
    mapping.save(update_fields=["name", "is_shared"])
    return mapping


@transaction.atomic
def delete_mapping(*, mapping, actor):
    """Forget a mapping, for everybody who uses it; what was imported by it stays."""
    mapping.delete()


@transaction.atomic
def write_import(*, imported, actor):
    """Begin the real run of a checked import."""
    _claim(imported, {State.CHECKED}, State.WRITING)
    _start(imported, steps.WRITE, actor)


@transaction.atomic
def undo_import(*, imported, actor):
    """Begin taking back everything that the import has written."""
    _claim(imported, {State.DONE}, State.UNDOING)
    _start(imported, steps.UNDO, actor)


def _start(imported, job, actor):
    run = start_run(job=job, period=f"{imported.pk}", actor=actor, again=True, alone=False)
    Import.objects.filter(pk=imported.pk).update(run_id=run.pk, problem="")


def _claim(imported, before, after):
    """One of several clicks begins the step; the others are told that it has begun."""
    if not Import.objects.filter(pk=imported.pk, state__in=before).update(state=after):
        raise DomainError(_("This import has gone on meanwhile. Open it again to see how far it is."))


def run_of(imported):
    """The Run that works on the import or worked on it last; None before the first."""
    return Run.objects.filter(pk=imported.run_id).first()
