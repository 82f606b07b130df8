"""Indexes for the orders that the lists of deals offer; built beside the work, so that nobody waits."""

import datetime
from decimal import Decimal

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    atomic = False  # CREATE INDEX CONCURRENTLY runs in no transaction

    dependencies = [("pipeline", "0006_gate_from_the_index")]

    operations = [
        AddIndexConcurrently("deal", models.Index(fields=["name", "id"], name="deal_by_name")),
        AddIndexConcurrently("deal", models.Index(Coalesce("amount", models.Value(Decimal(-1))), "id", name="deal_by_size")),
        AddIndexConcurrently(
            "deal", models.Index("status", Coalesce("close_date", models.Value(datetime.date.max)), "id", name="deal_by_closing")
        ),
        AddIndexConcurrently(
            "deal",
            models.Index(
                Coalesce("next_step_on", models.Value(datetime.date.max)),
                "id",
                name="deal_by_next_step",
                condition=models.Q(status="open"),
            ),
        ),
    ]
