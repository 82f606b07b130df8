"""Indexes for the orders that the lists of accounts and contacts offer; built beside the work, so that nobody waits."""

from decimal import Decimal

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    atomic = False  # CREATE INDEX CONCURRENTLY runs in no transaction

    dependencies = [("accounts", "0010_imports")]

    operations = [
        AddIndexConcurrently("account", models.Index(Coalesce("employees", models.Value(-1)), "id", name="account_by_employees")),
        AddIndexConcurrently(
            "account", models.Index(Coalesce("annual_revenue", models.Value(Decimal(-1))), "id", name="account_by_revenue")
        ),
        AddIndexConcurrently("contact", models.Index(fields=["name", "id"], name="contact_by_name")),
    ]
