"""Taking changes back, recording bulk loads, and blanking personal data in history."""

import json
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db import DataError, IntegrityError, InternalError, connection, models, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from salesorg.lib.acting import acting, current
from salesorg.lib.errors import DomainError

from .following import put_right
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
    mine = Change.objects.filter(context=context)
    count = Change.objects.visible_to(actor).filter(context=context).count()
    if not count or count != mine.count():
        raise DomainError(_("There is nothing here that you can undo."))
    changed = _models_of(mine)
    for model in changed:
        if not whole and not may_undo(model, actor):
            raise DomainError(
                _("You may not change %(what)s, so you cannot undo this.") % {"what": model._meta.verbose_name_plural}
            )
    _lock(changed, context)
    seen = _seen(changed, context, actor)
    if obstacle := _changed_since(changed, context):
        # By whom and into what is told to those who see the row, and to nobody else.
        seen_now = obstacle.row_id in seen[recorded_models()[obstacle.table]]
        raise DomainError(_sentence_about(obstacle) if seen_now or whole else _("There is nothing here that you can undo."))
    cause = mine.order_by("pk").values_list("cause", flat=True).last()
    with acting(actor, _("undo %(cause)s") % {"cause": cause}) as undoing:
        try:
            with transaction.atomic():
                for batch in _batches(_steps_back(context)):
                    _revert(batch)
                put_right(changed)
                connection.check_constraints()
        except (IntegrityError, InternalError, DataError) as problem:
            raise DomainError(_dependent(problem)) from problem
    # Seen before or after: who gave an account away may take it back, and nobody restores what they never saw.
    for model, ids in _seen(changed, context, actor).items():
        if not whole and _ids(model, context) - ids - seen[model]:
            raise DomainError(_("There is nothing here that you can undo."))
    return Undone(count, undoing.context)


def _models_of(changes):
    """The models of the changed rows."""
    tables = sorted(set(changes.order_by().values_list("table", flat=True).distinct()))
    for table in tables:
        if table not in recorded_models():
            raise DomainError(_("%(table)s is no longer recorded, so this cannot be undone.") % {"table": table})
    return [recorded_models()[table] for table in tables]


def _changed_rows(model, context):
    """The ids of the model's rows that were changed in the context, as a subquery: there may be a hundred thousand."""
    return Change.objects.filter(context=context, table=model._meta.db_table).values("row_id")


def _ids(model, context):
    return set(_changed_rows(model, context).values_list("row_id", flat=True))


def _lock(changed, context):
    with connection.cursor() as cursor:
        for model in changed:
            table = quoted(model._meta.db_table)
            cursor.execute(
                f"SELECT count(*) FROM (SELECT FROM {table} WHERE id IN (SELECT row_id FROM audit_change "
                'WHERE context = %s AND "table" = %s) ORDER BY id FOR UPDATE) locked',
                [context, model._meta.db_table],
            )


def _seen(changed, context, actor):
    return {
        model: set(visible_rows(model, actor).filter(pk__in=_changed_rows(model, context)).values_list("pk", flat=True))
        for model in changed
    }


def _changed_since(changed, context):
    """The first later change, from elsewhere, that still shows in a row that was changed in `context`.

    What was changed later and put back since, by an undo or by hand, is in nobody's way.
    """
    found = []
    for model in changed:
        table = quoted(model._meta.db_table)
        showing = f"""
            SELECT f.id FROM (
                SELECT DISTINCT ON (later.row_id, was.key) later.id, later.row_id, was.key, was.value
                FROM audit_change later JOIN (
                    SELECT row_id, min(id) AS first FROM audit_change WHERE context = %s AND "table" = %s GROUP BY 1
                ) mine ON later.row_id = mine.row_id AND later.id > mine.first
                LEFT JOIN LATERAL jsonb_each(coalesce(later.before, '{{"id": null}}')) was ON true
                WHERE later."table" = %s AND later.context IS DISTINCT FROM %s
                ORDER BY later.row_id, was.key, later.id
            ) f LEFT JOIN {table} t ON t.id = f.row_id
            WHERE to_jsonb(t) -> f.key IS DISTINCT FROM f.value ORDER BY f.id LIMIT 1
        """
        name = model._meta.db_table
        found += Change.objects.raw(f"SELECT * FROM audit_change WHERE id = ({showing})", [context, name, name, context])
    return min(found, key=lambda change: change.pk, default=None)


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


class Step(NamedTuple):
    """One change to be taken back: what is needed to tell which can be taken back by one statement."""

    id: int
    table: str
    row_id: int
    operation: str
    columns: tuple  # that the change holds values of, from before it


def _steps_back(context):
    """The changes of the context from the last to the first, without their values: those stay in the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, "table", row_id, operation,
                coalesce((SELECT array_agg(key ORDER BY key) FROM jsonb_object_keys(before) key), '{}')
            FROM audit_change WHERE context = %s ORDER BY id DESC
            """,
            [context],
        )
        return [Step(*row[:4], tuple(row[4])) for row in cursor.fetchall()]


def _batches(steps):
    """Neighbouring changes of one kind, each row once, so that a thousand rows take one statement.

    Of rows that differ the order is free: updates of different columns that alternate are sorted into one batch each.
    """
    stretch, kind, ids = {}, None, set()
    for step in steps:
        this = (step.table, step.operation)
        if this != kind or step.row_id in ids:
            yield from stretch.values()
            stretch, ids = {}, set()
        kind = this
        stretch.setdefault(step.columns, []).append(step)
        ids.add(step.row_id)
    yield from stretch.values()


def _revert(batch):
    """Restore the rows of one batch from the history in the database, without fetching it."""
    step, model = batch[0], recorded_models()[batch[0].table]
    table = quoted(step.table)
    # A column that has gone since cannot be restored; a generated one restores itself.
    columns = [field.column for field in model._meta.concrete_fields if field.column in step.columns and not field.generated]
    names, values = ", ".join(map(quoted, columns)), ", ".join(f"was.{quoted(column)}" for column in columns)
    history = f"audit_change c, jsonb_populate_record(NULL::{table}, c.before) was WHERE c.id = ANY(%s)"
    ids = [step.id for step in batch]
    with connection.cursor() as cursor:
        if step.operation == Operation.INSERT:
            cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [[step.row_id for step in batch]])
        elif step.operation == Operation.UPDATE:
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
    model = queryset.model
    try:
        chosen, params = queryset.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        ids = cursor.mogrify(chosen, params).decode().replace("%", "%%")
        rows = f"{quoted(model._meta.db_table)} t WHERE t.id IN ({ids}) ORDER BY t.id"
        cursor.execute(*_history_of(model, operation, rows))
        return cursor.rowcount


def insert_recorded(model, insert, params):
    """Run `insert`, an INSERT into the model's table, with its history in the same statement. Returns the number of rows.

    For thousands of rows at once: the trigger writes history row by row, which takes three times as long.
    """
    history, named = _history_of(model, Operation.INSERT, "made t")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('salesorg.history', 'off', true)")
        cursor.execute(f"WITH made AS ({insert} RETURNING *) {history}", {**params, **named})
        count = cursor.rowcount
        cursor.execute("SELECT set_config('salesorg.history', '', true)")
    return count


def _history_of(model, operation, rows):
    """The statement, and its parameters, that writes the history of `rows`, SQL that calls them t."""
    who = current()
    column = {Operation.INSERT: "after", Operation.DELETE: "before"}[operation]
    return f"""
        INSERT INTO audit_change ("at", "table", row_id, operation, {column}, actor_id, cause, context)
        SELECT clock_timestamp(), %(recorded_table)s, t.id, %(recorded_operation)s, to_jsonb(t) - %(recorded_without)s::text[],
            %(recorded_actor)s, %(recorded_cause)s, %(recorded_context)s
        FROM {rows}
        """, {
        "recorded_table": model._meta.db_table,
        "recorded_operation": operation,
        "recorded_without": list(columns_left_out(model)),
        "recorded_actor": who and who.actor_id,
        "recorded_cause": who.cause[:200] if who else "",
        "recorded_context": who and who.context,
    }  # fmt: skip


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
