from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # CREATE INDEX CONCURRENTLY runs in no transaction

    dependencies = [("pipeline", "0009_leads_are_worked")]

    operations = [
        AddIndexConcurrently(
            "lead",
            models.Index(condition=models.Q(outcome="open"), fields=["sdr"], include=("account",), name="lead_open_for_gate"),
        )
    ]
