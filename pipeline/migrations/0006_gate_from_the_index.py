"""The gate asks who works on which deal with every query: an index that holds all of the answer."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # nobody waits while the index is built

    dependencies = [("pipeline", "0005_names_of_columns")]

    operations = [
        AddIndexConcurrently(
            model_name="dealmember",
            index=models.Index(fields=["user"], include=["deal", "during"], name="deals_of_member_for_gate"),
        ),
        RemoveIndexConcurrently(model_name="dealmember", name="deals_of_member"),
    ]
