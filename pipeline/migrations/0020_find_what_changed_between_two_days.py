import django.contrib.postgres.fields.ranges
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # CREATE INDEX CONCURRENTLY runs in no transaction

    dependencies = [("pipeline", "0019_contracts")]

    operations = [
        AddIndexConcurrently(
            model_name="dealversion",
            index=models.Index(django.contrib.postgres.fields.ranges.RangeStartsWith("during"), name="dealversion_since"),
        ),
    ]
