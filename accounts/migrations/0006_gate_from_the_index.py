"""The gate asks who covers what with every query: an index that holds all of the answer."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # nobody waits while the index is built

    dependencies = [("accounts", "0005_consent")]

    operations = [
        AddIndexConcurrently(
            model_name="coverage",
            index=models.Index(fields=["user"], include=["account", "during"], name="coverage_for_gate"),
        ),
        RemoveIndexConcurrently(model_name="coverage", name="coverage_of_user"),
    ]
