from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # CREATE INDEX CONCURRENTLY runs in no transaction

    dependencies = [("pipeline", "0007_orders_of_lists")]

    operations = [
        AddIndexConcurrently(
            "deal",
            models.Index(
                fields=["id"],
                include=["account"],
                name="deal_open_for_gate",
                condition=models.Q(status="open", account__isnull=False),
            ),
        )
    ]
