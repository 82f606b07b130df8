"""Indexes that find the deals that were open at the end of a past day, and those that closed from a day on."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

import salesorg.lib.db


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pipeline", "0044_what_was_undone")]

    operations = [
        AddIndexConcurrently(
            "dealversion",
            django.contrib.postgres.indexes.GistIndex(
                salesorg.lib.db.IntegerKey("stage"), models.F("during"), name="dealversion_in_stage"
            ),
        ),
        AddIndexConcurrently("dealversion", models.Index(fields=["stage", "close_date"], name="dealversion_closing")),
        # Its own index on the stage is the beginning of the one above.
        migrations.AlterField(
            "dealversion",
            "stage",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pipeline.stage",
            ),
        ),
    ]
