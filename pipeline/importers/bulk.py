"""Loads rows in bulk: by COPY, with their history in one statement, and deals with their versions on the days they name.

The trigger that keeps versions knows one moment per statement; nine thousand deals with five hundred days would take it
five times as long. So it is switched off here, and what it would have written is written.
"""

from accounts.models import Coverage
from pipeline.models import DealMember, DealVersion
from salesorg.audit.services import record_bulk
from salesorg.lib.acting import current
from salesorg.lib.db import copy_rows

VERSION = ["deal", "stage", "owner", "amount", "close_date", "forecast_category", "during", "cause"]
MEMBER = ["deal", "user", "role", "revenue_share", "overlay_share", "during"]
COVERAGE = ["account", "line", "role", "user", "during", "source", "reason", "is_first_contact"]


def store(rows):
    """Store new `rows` (unsaved, of one model, each with an external key) with their history, and give each its primary key."""
    if not rows:
        return
    model = type(rows[0])
    columns = [field for field in model._meta.concrete_fields if field.name != "id"]
    values = ([_as_text(getattr(row, field.attname)) for field in columns] for row in rows)
    copy_rows(model, [field.name for field in columns], values, history=False)
    keys = [row.external_key for row in rows]
    made = dict(model.objects.filter(external_key__in=keys).values_list("external_key", "pk"))
    for row in rows:
        row.pk = made[row.external_key]
    record_bulk(model.objects.filter(external_key__in=keys))


def write_versions(states):
    """Store (deal id, (stage id, owner id, amount, close date, category), from, until) as DealVersions. Returns how many."""
    cause = current().cause if current() else ""
    rows = ((deal, *state, span(start, until), cause) for deal, state, start, until in states)
    return copy_rows(DealVersion, VERSION, rows)


def write_members(members):
    """Store (deal id, user id, role, revenue share in basis points, from day) as DealMembers, with their history."""
    rows = [(deal, user, int(role), share, 0, span(day, None)) for deal, user, role, share, day in members]
    copy_rows(DealMember, MEMBER, rows, history=False)
    record_bulk(DealMember.objects.filter(deal__in=[row[0] for row in rows]))


def write_coverage(coverage, *, line, role, source, reason):
    """Store (account id, user id, from day) of accounts that nobody covered, with the history of it."""
    rows = [
        (account, line.pk, int(role), user, span(day, None), source, reason, line.code == line.NEW_BUSINESS)
        for account, user, day in coverage
    ]
    copy_rows(Coverage, COVERAGE, rows, history=False)
    record_bulk(Coverage.objects.filter(account__in=[row[0] for row in rows], line=line, role=role))


def span(start, until):
    """A half-open range from `start` until `until` (None: still running) as PostgreSQL reads it."""
    return f"[{start.isoformat()},{until.isoformat() if until else ''})"


def _as_text(value):
    return "{" + ",".join(value) + "}" if isinstance(value, list) else value
