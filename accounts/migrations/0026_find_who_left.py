"""The index of the contacts who left, built beside the work, so that nobody waits."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # CREATE INDEX CONCURRENTLY runs in no transaction

    dependencies = [("accounts", "0025_contacts_as_cards")]

    operations = [
        AddIndexConcurrently(
            "contact",
            models.Index(fields=["name", "id"], condition=models.Q(("left_on__isnull", False)), name="contact_who_left"),
        ),
    ]
