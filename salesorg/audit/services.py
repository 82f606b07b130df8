"""Taking changes back, recording bulk loads, and blanking personal data in history."""

import json
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db import DataError, IntegrityError, InternalError, connection, models, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from salesorg.lib.acting import acting, current
from salesorg.lib.errors import DomainError

from .models import Change
from .recorded import columns_left_out, may_undo, recorded_models, visible_rows

Operation = Change.Operation


def quoted(name):
    return connection.ops.quote_name(name)


# ── undo ──


@dataclass(frozen=True)
class Undone:
    """What an undo did: how many changes it took back, and the context by which it can itself be taken back."""

    changes: int
    context: UUID


@transaction.atomic
def undo(*, context, actor, whole=False):
    """Take back everything that was done in one history context: a click, an import, a run. Returns Undone.

    Only its own actor or who reads the audit may, on rows they see, with the right to make such changes today. Raises
    DomainError, and changes nothing, when one of the rows was changed since or others depend on what was made. With
    `whole` the caller has made sure that the actor may take back this very undertaking, seen rows and unseen ones.
    """
    changes = list(Change.objects.visible_to(actor).filter(context=context).order_by("-pk"))
    if not changes or len(changes) != Change.objects.filter(context=context).count():
        raise DomainError(_("There is nothing here that you can undo."))
    rows = _rows_of(changes)
    for model in rows:
        if not whole and not may_undo(model, actor):
            raise DomainError(
                _("You may not change %(what)s, so you cannot undo this.") % {"what": model._meta.verbose_name_plural}
            )
    _lock(rows)
    seen = _seen(rows, actor)
    if obstacle := _changed_since(context):
        # By whom and into what is told to those who see the row, and to nobody else.
        seen_now = obstacle.row_id in seen[recorded_models()[obstacle.table]]
        raise DomainError(_sentence_about(obstacle) if seen_now or whole else _("There is nothing here that you can undo."))
    with acting(actor, _("undo %(cause)s") % {"cause": changes[0].cause}) as undoing:
        try:
            with transaction.atomic():
                for batch in _batches(changes):
                    _revert(batch)
                connection.check_constraints()
        except (IntegrityError, InternalError, DataError) as problem:
            raise DomainError(_dependent(problem)) from problem
    # Seen before or after: who gave an account away may take it back, and nobody restores what they never saw.
    for model, ids in _seen(rows, actor).items():
        if not whole and rows[model] - ids - seen[model]:
            raise DomainError(_("There is nothing here that you can undo."))
    return Undone(len(changes), undoing.context)


def _rows_of(changes):
    """The ids of the changed rows by model."""
    rows = {}
    for change in changes:
        model = recorded_models().get(change.table)
        if model is None:
            raise DomainError(_("%(table)s is no longer recorded, so this cannot be undone.") % {"table": change.table})
        rows.setdefault(model, set()).add(change.row_id)
    return rows


def _lock(rows):
    for model, ids in sorted(rows.items(), key=lambda item: item[0]._meta.db_table):
        list(model._base_manager.filter(pk__in=ids).order_by("pk").select_for_update().values_list("pk"))


def _seen(rows, actor):
    return {model: set(visible_rows(model, actor).filter(pk__in=ids).values_list("pk", flat=True)) for model, ids in rows.items()}


def _changed_since(context):
    """The first later change, from elsewhere, of a row that was changed in `context`."""
    later = """
        SELECT later.* FROM audit_change later JOIN (
            SELECT "table", row_id, min(id) AS first FROM audit_change WHERE context = %s GROUP BY 1, 2
        ) mine ON later."table" = mine."table" AND later.row_id = mine.row_id AND later.id > mine.first
        WHERE later.context IS DISTINCT FROM %s ORDER BY later.id LIMIT 1
    """
    return next(iter(Change.objects.raw(later, [context, context])), None)


def _sentence_about(change):
    model = recorded_models()[change.table]
    row = model._base_manager.filter(pk=change.row_id).first()
    who = get_user_model()._base_manager.filter(pk=change.actor_id).first()
    return _("%(kind)s “%(row)s” was changed again by %(who)s on %(when)s. Undo that first.") % {
        "kind": str(model._meta.verbose_name).capitalize(),
        "row": row or change.row_id,
        "who": who or _("the system"),
        "when": date_format(timezone.localtime(change.at), "SHORT_DATETIME_FORMAT"),
    }


def _dependent(problem):
    """What the database refused, in words: it names the table whose rows stand in the way."""
    details = getattr(problem.__cause__, "diag", None)
    model = recorded_models().get(getattr(details, "table_name", None))
    if model is None:
        return _("This cannot be undone: other records have come to depend on it since.")
    return _("This cannot be undone: it would clash with %(what)s entered since.") % {"what": model._meta.verbose_name_plural}


def _batches(changes):
    """Neighbouring changes of one kind, each row once, so that a thousand rows take one statement."""
    batch, kind, ids = [], None, set()
    for change in changes:
        this = (change.table, change.operation, tuple(sorted(change.before or ())))
        if batch and (this != kind or change.row_id in ids):
            yield batch
            batch, ids = [], set()
        kind = this
        batch.append(change)
        ids.add(change.row_id)
    if batch:
        yield batch


def _revert(batch):
    """Restore the rows of one batch from the history in the database, without fetching it."""
    change, model = batch[0], recorded_models()[batch[0].table]
    table = quoted(change.table)
    # A column that has gone since cannot be restored; a generated one restores itself.
    columns = [
        field.column for field in model._meta.concrete_fields if field.column in (change.before or {}) and not field.generated
    ]
    names, values = ", ".join(map(quoted, columns)), ", ".join(f"was.{quoted(column)}" for column in columns)
    history = f"audit_change c, jsonb_populate_record(NULL::{table}, c.before) was WHERE c.id = ANY(%s)"
    ids = [change.pk for change in batch]
    with connection.cursor() as cursor:
        if change.operation == Operation.INSERT:
            cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [[change.row_id for change in batch]])
        elif change.operation == Operation.UPDATE:
            assignments = ", ".join(f"{quoted(column)} = was.{quoted(column)}" for column in columns)
            cursor.execute(f"UPDATE {table} SET {assignments} FROM {history} AND {table}.id = c.row_id", [ids])
        else:
            missing = _defaults(model, {*columns})
            cursor.execute(
                f"INSERT INTO {table} ({', '.join([names, *map(quoted, missing)])}) "
                f"SELECT {', '.join([values, *(['%s'] * len(missing))])} FROM {history} ORDER BY c.id",
                [*missing.values(), ids],
            )
        if cursor.rowcount != len(batch):  # changed while history was off: better refused than half restored
            raise DomainError(_("This cannot be undone: some of its records are not there any more."))


def _defaults(model, known):
    """What a restored row gets in the columns that history does not hold: a password, a version."""
    fields = [field for field in model._meta.concrete_fields if field.column not in known and not field.generated]
    return {
        field.column: field.get_db_prep_save(field.get_default(), connection)
        for field in fields
        if field.db_default is models.NOT_PROVIDED
    }


# ── bulk loads ──


def record_bulk(queryset, *, operation=Operation.INSERT):
    """Write the history of rows that were loaded with history off. Returns how many changes were written.

    Call it in the same transaction: after the load for INSERT, before the removal for DELETE. An update's history needs
    the row as it was, which only the trigger knows.
    """
    column = {Operation.INSERT: "after", Operation.DELETE: "before"}[operation]
    model = queryset.model
    try:
        chosen, params = queryset.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    who = current()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO audit_change ("at", "table", row_id, operation, {column}, actor_id, cause, context)
            SELECT clock_timestamp(), %s, t.id, %s, to_jsonb(t) - %s::text[], %s, %s, %s
            FROM {quoted(model._meta.db_table)} t WHERE t.id IN ({chosen}) ORDER BY t.id
            """,
            [
                model._meta.db_table,
                operation,
                list(columns_left_out(model)),
                who and who.actor_id,
                who.cause[:200] if who else "",
                who and who.context,
                *params,
            ],
        )
        return cursor.rowcount


# ── erasure ──


@transaction.atomic
def erase(*, model, pk, fields, actor):
    """Blank the named fields of one row, now and in all of its history. Returns how many changes of it were blanked.

    For the right to erasure; there is no way back. The one trace left is a change that names who erased which fields.
    Raises DomainError for a row that neither exists nor has a history, and for a field that has to stay.
    """
    blanks = {field: _blank(model, field, pk) for field in fields}
    table = model._meta.db_table
    there = model._base_manager.filter(pk=pk).update(**blanks)
    if not there and not Change.objects.of_row(table, pk).exists():
        raise DomainError(_("There is no %(what)s %(pk)s.") % {"what": model._meta.verbose_name, "pk": pk})
    columns = {model._meta.get_field(field).column: value for field, value in blanks.items()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('salesorg.erasing', 'on', true)")
        cursor.execute(BLANK_HISTORY, {"blanks": json.dumps(columns), "table": table, "pk": pk})
        blanked = cursor.rowcount
        cursor.execute("SELECT set_config('salesorg.erasing', '', true)")
    cause = _("erase %(fields)s") % {"fields": ", ".join(fields)}
    Change.objects.create(
        table=table,
        row_id=pk,
        operation=Operation.UPDATE,
        before=columns,
        after=columns,
        actor_id=getattr(actor, "pk", None),
        cause=cause[:200],
        context=uuid4(),  # of its own: an erasure cannot be undone together with anything
    )
    return blanked


# Blanks a column only where the change holds it.
BLANK_HISTORY = """
    UPDATE audit_change SET
        before = before || (SELECT COALESCE(jsonb_object_agg(key, value), '{}') FROM jsonb_each(%(blanks)s) WHERE before ? key),
        after = after || (SELECT COALESCE(jsonb_object_agg(key, value), '{}') FROM jsonb_each(%(blanks)s) WHERE after ? key)
    WHERE "table" = %(table)s AND row_id = %(pk)s
"""


def _blank(model, name, pk):
    """What stands in the field of an erased person: nothing where that is allowed, else a mark that is not personal."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        raise DomainError(_("%(what)s has no field “%(field)s”.") % {"what": model._meta.verbose_name, "field": name}) from None
    if field.null:
        return None
    if field.is_relation or not isinstance(field, models.CharField | models.TextField):
        raise DomainError(_("“%(field)s” cannot be blank.") % {"field": name})
    if field.blank:
        return ""
    return f"erased-{pk}@erased.invalid" if isinstance(field, models.EmailField) else _("(erased)")
