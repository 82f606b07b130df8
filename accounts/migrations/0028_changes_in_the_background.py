"""Changes of very many rows, which workers carry out."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0027_months_taken_over"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="BulkChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("words", models.CharField(max_length=1000)),
                ("what", models.CharField(max_length=1000)),
                ("typed", models.JSONField()),
                (
                    "ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
                ),
                ("count", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("changing", "Changing"),
                            ("done", "Done"),
                            ("undoing", "Undoing"),
                            ("undone", "Undone"),
                        ],
                        default="changing",
                        max_length=8,
                    ),
                ),
                ("problem", models.TextField(blank=True)),
                ("counts", models.JSONField(default=dict)),
                ("refused", models.JSONField(default=list)),
                ("run_id", models.BigIntegerField(null=True)),
                ("context", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bulk_changes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["user", "-id"], name="bulk_changes_of_user")]},
        ),
    ]
