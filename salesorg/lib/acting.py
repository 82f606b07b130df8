"""Who is acting, and why: told to the database before every write, so that its history triggers can record it.

A request, a job or a command opens `acting(...)` once. Each writing statement is then sent together with three
transaction-local settings (no extra round trip), which the history trigger of salesorg.audit reads. They are sent
with every write and not once per transaction, because a rollback to a savepoint would silently take them back.
"""

import uuid
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from django.db import transaction

READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SHOW", "SET", "BEGIN", "COMMIT", "FETCH", "EXPLAIN", "DECLARE")


@dataclass(frozen=True)
class Acting:
    """One undertaking: everything it writes carries the same `context`, so that it can be read and undone as one."""

    actor_id: int | None
    cause: str
    context: uuid.UUID = field(default_factory=uuid.uuid4)

    def settings_sql(self):
        """The statement that tells PostgreSQL; actor is a number and cause has its quotes doubled."""
        cause = self.cause.replace("\x00", "").replace("'", "''")[:200]
        return (
            f"SELECT set_config('salesorg.actor','{self.actor_id or ''}',true),"
            f"set_config('salesorg.cause','{cause}',true),set_config('salesorg.context','{self.context}',true);"
        )


# Said as plainly as a name: in one transaction, what comes after an undertaking must not be recorded as part of it.
NOBODY = Acting(None, "", "")
_current = ContextVar("acting", default=None)


def current():
    """The Acting of this request, job or command; None outside one."""
    return _current.get()


@contextmanager
def acting(actor=None, cause="", context=None):
    """Everything written inside is recorded as done by `actor` (a user or None for the system) because of `cause`."""
    now = Acting(getattr(actor, "pk", actor), cause, context or uuid.uuid4())
    token = _current.set(now)
    try:
        yield now
    finally:
        _current.reset(token)


def because_of(cause):
    """From here on what the open `acting` writes is recorded with this cause; without one open nothing happens."""
    if who := _current.get():
        _current.set(replace(who, cause=cause))


def watch_connection(connection, **kwargs):
    if connection.vendor == "postgresql" and _name_the_actor not in connection.execute_wrappers:
        connection.execute_wrappers.append(_name_the_actor)


def _name_the_actor(execute, sql, params, many, context):
    who = _current.get()
    if who is None and context["connection"].in_atomic_block:
        who = NOBODY  # a statement of its own has no name to get rid of, and may be one that refuses company (VACUUM)
    if who is None or not isinstance(sql, str) or sql.lstrip()[:9].upper().startswith(READS):
        return execute(sql, params, many, context)
    prefix = who.settings_sql()
    if many:  # executemany repeats its statement: name the actor once before it, in the same transaction
        with transaction.atomic(using=context["connection"].alias):
            context["cursor"].execute(prefix)
            return execute(sql, params, many, context)
    # Python-side parameters use %; a literal % in the cause must not be read as one.
    return execute((prefix.replace("%", "%%") if params else prefix) + sql, params, many, context)
