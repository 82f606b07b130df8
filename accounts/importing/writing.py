"""Writes decided rows: new records in one statement, changed ones in another, with the coverage that makes them visible."""

import json

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.utils.translation import gettext as _

from accounts.models import Coverage, CoverageLine, Import
from salesorg.audit.services import insert_recorded
from salesorg.lib.acting import acting
from salesorg.lib.db import lock_until_commit
from salesorg.people.roles import SELLERS

from .matching import deciding
from .parents import PARENT_ID, names_parents


def write_rows(imported, first, last):
    """Decide the rows from `first` to `last` once more and write them, in the caller's transaction. Returns the counts.

    The rows of one import are one undertaking whoever writes them, so that one undo takes them all back.
    """
    with acting(imported.user, _("import of %(file)s") % {"file": imported.file_name}, imported.context):
        if imported.kind == Import.Kind.ACCOUNTS:
            with connection.cursor() as cursor:
                # Workers wait here for each other by turns; a page would give up after ten seconds, and a part with it.
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{settings.TASK_TIME_LIMIT}s"])
            lock_until_commit("accounts.new")  # as create_account: two at once would each find none like it
            if names_parents(imported):
                lock_until_commit("accounts.parents")  # as change_account: each could make one half of a circle
        with deciding(imported, first, last, lock=True) as decision:
            _update(decision)
            _insert(decision)
            return decision.keep()


def _columns(decision):
    """The columns of the table that the rows of this import may write."""
    names = {name for name in decision.imported.mapping if name} & {
        field.column for field in decision.about.model._meta.concrete_fields
    }
    if names_parents(decision.imported):
        names.add(PARENT_ID)
    return sorted(names | ({"name"} if {"first_name", "last_name"} & {*decision.imported.mapping} else set()))


def _update(decision):
    columns = _columns(decision)
    if not columns:
        return
    assignments = ", ".join(f'"{column}" = n."{column}"' for column in columns)
    values = ", ".join(f'filled."{column}"' for column in columns)
    decision.run(
        f"""
        UPDATE {decision.table} t SET {assignments} FROM (
            SELECT b.id, {values} FROM deciding d JOIN {decision.table} b ON b.id = d.target,
                LATERAL jsonb_populate_record(b, d.values) filled
            WHERE d.outcome = 'changed'
        ) n WHERE t.id = n.id
        """
    )


def _insert(decision):
    model = decision.about.model
    # Activities may come twice in different words; the database keeps the first.
    conflict = "ON CONFLICT (client_id) DO NOTHING" if decision.kind == Import.Kind.ACTIVITIES else ""
    decision.run(
        f"""
        UPDATE deciding d SET target = numbered.id FROM (
            SELECT row, nextval(pg_get_serial_sequence('{decision.table}', 'id')) AS id
            FROM (SELECT row FROM deciding WHERE outcome = 'new' ORDER BY number) in_order
        ) numbered WHERE numbered.row = d.row
        """
    )
    fields = [field for field in model._meta.concrete_fields if not field.generated and _has_default(field)]
    empty = model()
    defaults = {field.column: getattr(empty, field.attname) for field in fields}
    names = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(f'filled."{field.column}"' for field in fields)
    insert_recorded(
        model,
        f"""
        INSERT INTO {decision.table} ({names})
        SELECT {values} FROM deciding d, LATERAL jsonb_populate_record(
            NULL::{decision.table}, %(defaults)s::jsonb || d.values || jsonb_build_object('id', d.target)
        ) filled
        WHERE d.outcome = 'new' ORDER BY d.number {conflict}
        """,
        {"defaults": json.dumps(defaults, cls=DjangoJSONEncoder)},
    )
    if decision.kind == Import.Kind.ACCOUNTS:
        _cover(decision)


def _has_default(field):
    """Whether Python knows the value of a column that a row leaves out; what only the database knows is left to it."""
    return field.has_default() or field.db_default is models.NOT_PROVIDED


def _cover(decision):
    """Whoever does not see every account covers the new ones, as create_account has it."""
    user = decision.user
    roles = user.scope.roles & SELLERS or user.scope.roles
    if not roles or user.scope.sees_all_accounts:
        return
    insert_recorded(
        Coverage,
        """
        INSERT INTO accounts_coverage (account_id, line_id, role, user_id, during, source, reason, is_first_contact)
        SELECT target, %(line)s, %(role)s, %(user)s, daterange(%(day)s, NULL), 'manual', %(reason)s, true
        FROM deciding WHERE outcome = 'new' ORDER BY number
        """,
        {
            "line": CoverageLine.objects.get(code=CoverageLine.NEW_BUSINESS).pk,
            "role": int(min(roles)),
            "user": user.pk,
            "day": user.today,
            "reason": _("created by %(name)s") % {"name": user.name},
        },
    )
