from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # CREATE INDEX CONCURRENTLY runs in no transaction

    dependencies = [("pipeline", "0036_agreed_prices")]

    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(condition=models.Q(("agreed__isnull", False)), fields=["agreed"], name="orders_as_agreed"),
        ),
        AddIndexConcurrently(
            model_name="orderline",
            index=models.Index(condition=models.Q(("agreed__isnull", False)), fields=["agreed"], name="ordered_as_agreed"),
        ),
    ]
