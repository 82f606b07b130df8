"""What PostgreSQL does for us: COPY that names its actor, advisory locks, keys for exclusion constraints."""

import csv
import io
import zlib
from contextlib import contextmanager, suppress

from django.contrib.postgres.fields import RangeOperators
from django.db import DatabaseError, connection, models, transaction
from django.db.models import F, Func, Q

from .acting import NOBODY, current


class IntegerKey(Func):
    """An integer column as a one-point range, so that it can enter a GiST exclusion constraint without btree_gist."""

    function = "int8range"
    template = "%(function)s(%(expressions)s, '[]')"
    arity = 2

    def __init__(self, expression):
        expression = F(expression) if isinstance(expression, str) else expression
        super().__init__(expression, expression, output_field=models.Field())


def no_overlap(*keys, during="during"):
    """The `expressions` of an ExclusionConstraint: rows alike in all `keys` (integers) may not overlap in `during`."""
    return [*((IntegerKey(key), RangeOperators.OVERLAPS) for key in keys), (during, RangeOperators.OVERLAPS)]


def has_days(name):
    """A constraint: `during` has a first day, and is not empty."""
    return models.CheckConstraint(condition=Q(during__isempty=False, during__startswith__isnull=False), name=name)


def locked(rows, pk):
    """The row `pk` of `rows` (a queryset), locked to the end of the transaction and read as it is by then.

    Locked first and read after: a query that does both with a join finds the row by the join as it was before the wait,
    and loses a row whose join has changed meanwhile.
    """
    rows.model._base_manager.select_for_update().get(pk=pk)
    return rows.get(pk=pk)


def write(row, changes):
    """Set `changes` ({column: value}) on `row` and save these columns alone. Returns the row."""
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    return row


def copy_rows(model, fields, rows, *, history=True):
    """COPY `rows` (tuples in the order of `fields`, None for null) into the model's table. Returns the number of rows.

    Names actor and cause first: a COPY alone would lose them silently. With `history=False` the history triggers
    are left out, and the caller writes the history itself (salesorg.audit.services.record_bulk). Must be called in a
    transaction, which is what the name holds for.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Rows are copied inside a transaction, else their history has no actor.")
    columns = ", ".join(f'"{model._meta.get_field(name).column}"' for name in fields)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    count = 0
    with connection.cursor() as cursor:
        cursor.execute((current() or NOBODY).settings_sql())
        if not history:
            cursor.execute("SELECT set_config('salesorg.history', 'off', true)")
        for row in rows:
            # In CSV an unquoted empty field is null; QUOTE_MINIMAL writes '' for both, so null gets its own mark.
            writer.writerow([r"\N" if value is None else value for value in row])
            count += 1
            if buffer.tell() > 8_000_000:
                _send(cursor, model, columns, buffer)
        _send(cursor, model, columns, buffer)
        if not history:
            cursor.execute("SELECT set_config('salesorg.history', '', true)")
    return count


def _send(cursor, model, columns, buffer):
    buffer.seek(0)
    sql = f"""COPY "{model._meta.db_table}" ({columns}) FROM STDIN WITH (FORMAT csv, NULL '\\N')"""
    cursor.cursor.copy_expert(sql, buffer)
    buffer.seek(0)
    buffer.truncate()


@contextmanager
def whole_tables():
    """Queries inside join whole tables by hash or merge.

    For queries that always read all rows: right after a bulk load PostgreSQL has no statistics yet, takes the tables
    for tiny and joins them row by row, which takes minutes instead of a second.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")  # taken back with the transaction when something fails
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


@contextmanager
def no_whole_tables():
    """Queries inside read no table from one end to the other where an index can answer."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # taken back with the transaction when something fails
        yield
        cursor.execute("SET LOCAL enable_seqscan = on")


@contextmanager
def by_index(cursor):
    """Joins inside, in the caller's transaction, look every row up in an index of the other table.

    For a few thousand rows against an index on an expression: PostgreSQL takes a regular expression to cost no more than
    a sum, and would rather compute it for every row of a large table than look it up.
    """
    cursor.execute("SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)")
    yield
    cursor.execute("SELECT set_config('enable_hashjoin', 'on', true), set_config('enable_mergejoin', 'on', true)")


def lock_number(name):
    """A stable 32-bit number for a lock's name."""
    return zlib.crc32(name.encode())


def lock_until_commit(name):
    """Wait for the named lock and hold it to the end of the transaction: one at a time may change what it guards."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_number(name)])


@contextmanager
def try_lock(name):
    """Yield True when this session got the named lock, False when another holds it. Never waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock_number(name)])
        got = cursor.fetchone()[0]
    try:
        yield got
    finally:
        if got:
            # A lost connection has lost its locks too, and the reason for it must not be hidden by this statement's.
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [lock_number(name)])
