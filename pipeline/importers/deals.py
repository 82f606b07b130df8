"""Loads deals of the past in bulk: the rows by COPY, their versions on the days they name, their history in one statement.

The trigger that keeps versions knows one moment per statement; nine thousand deals with five hundred days would take it
five times as long. So it is switched off here, and what it would have written is written.
"""

from pipeline.models import Deal, DealMember, DealVersion
from salesorg.audit.services import record_bulk
from salesorg.lib.acting import current
from salesorg.lib.db import copy_rows

COLUMNS = [field for field in Deal._meta.concrete_fields if field.name != "id"]
VERSION = ["deal", "stage", "owner", "amount", "close_date", "forecast_category", "during", "cause"]


def write_deals(deals):
    """Store new `deals` (unsaved, each with an external key) with their history, and give each its primary key."""
    rows = ([_as_text(getattr(deal, field.attname)) for field in COLUMNS] for deal in deals)
    copy_rows(Deal, [field.name for field in COLUMNS], rows, history=False)
    keys = [deal.external_key for deal in deals]
    made = dict(Deal.objects.filter(external_key__in=keys).values_list("external_key", "pk"))
    for deal in deals:
        deal.pk = made[deal.external_key]
    record_bulk(Deal.objects.filter(external_key__in=keys))


def write_versions(states):
    """Store (deal id, (stage id, owner id, amount, close date, category), from, until) as DealVersions. Returns how many."""
    cause = current().cause if current() else ""
    rows = ((deal, *state, span(start, until), cause) for deal, state, start, until in states)
    return copy_rows(DealVersion, VERSION, rows)


def write_members(members):
    """Store (deal id, user id, role, from day) as the one who gets the whole of the deal, with the history of it."""
    rows = [(deal, user, int(role), DealMember.WHOLE, 0, span(day, None)) for deal, user, role, day in members]
    copy_rows(DealMember, ["deal", "user", "role", "revenue_share", "overlay_share", "during"], rows, history=False)
    record_bulk(DealMember.objects.filter(deal__in=[row[0] for row in rows]))


def span(start, until):
    """A half-open range from `start` until `until` (None: still running) as PostgreSQL reads it."""
    return f"[{start.isoformat()},{until.isoformat() if until else ''})"


def _as_text(value):
    return "{" + ",".join(value) + "}" if isinstance(value, list) else value
