"""One append-only record of every change.

One table serves the history panel of a record, the audit page and undo with one query each, where a history table
per model would need a union of them all. The rows are written by database triggers (salesorg.audit.triggers), so
that bulk updates and raw SQL are caught too; the database refuses to change or remove them.
"""

import json
from decimal import Decimal

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from .querysets import ChangeQuerySet

# One audited command may blank personal data (people have a right to erasure); nothing else changes history.
NOT_ERASING = pgtrigger.Condition("current_setting('salesorg.erasing', true) IS DISTINCT FROM 'on'")


class ExactDecoder(json.JSONDecoder):
    """Amounts come back as they were written, never as floats."""

    def __init__(self, **options):
        super().__init__(parse_float=Decimal, **options)


class Change(models.Model):
    """One row changed: before and after hold the changed columns (all of them for a creation or a deletion)."""

    class Operation(models.TextChoices):
        INSERT = "INSERT"
        UPDATE = "UPDATE"
        DELETE = "DELETE"

    at = models.DateTimeField(db_default=Now())
    table = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    operation = models.CharField(max_length=6, choices=Operation.choices)
    before = models.JSONField(null=True, decoder=ExactDecoder)
    after = models.JSONField(null=True, decoder=ExactDecoder)
    actor_id = models.BigIntegerField(null=True)  # no foreign key: history outlives the person's row
    cause = models.CharField(max_length=200, blank=True)
    context = models.UUIDField(null=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["table", "row_id", "id"], name="change_of_row"),
            models.Index(fields=["context"], name="change_in_context"),
            models.Index(fields=["actor_id", "id"], name="change_by_actor"),
            BrinIndex(fields=["at"], name="change_by_day"),  # rows come in the order of time: a few pages for years of them
        ]
        triggers = [
            pgtrigger.Protect(name="append_only_update", operation=pgtrigger.Update, condition=NOT_ERASING),
            pgtrigger.Protect(name="append_only_delete", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="append_only_truncate",
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                level=pgtrigger.Statement,
                func="RAISE EXCEPTION 'History is append-only: audit_change cannot be truncated';",
            ),
        ]

    def __str__(self):
        return f"{self.operation} {self.table} {self.row_id}"
