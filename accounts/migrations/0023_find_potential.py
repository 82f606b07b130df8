"""The index by which the list of accounts is ordered and filtered by potential; built beside the work, so that nobody waits."""

from decimal import Decimal

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    atomic = False  # CREATE INDEX CONCURRENTLY runs in no transaction

    dependencies = [("accounts", "0022_contacts_who_left_and_potential")]

    operations = [
        AddIndexConcurrently(
            "account", models.Index(Coalesce("potential", models.Value(Decimal(-1))), "id", name="account_by_potential")
        ),
    ]
