"""What COPY needs: primary keys taken in advance, and ranges as text."""

from django.db import connection


def reserve(model, count):
    """`count` new primary keys of `model`, taken from its sequence, so that rows can point at each other before the COPY."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [model._meta.db_table, count]
        )
        return [row[0] for row in cursor.fetchall()]


def span(start, until):
    """A half-open range from `start` until `until` (None: still running) as PostgreSQL reads it."""
    return f"[{start.isoformat()},{until.isoformat() if until else ''})"
