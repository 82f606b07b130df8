from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # CREATE INDEX CONCURRENTLY runs in no transaction

    dependencies = [("pipeline", "0013_leads_are_routed")]

    operations = [
        AddIndexConcurrently(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("outcome", "open"), ("responded_at", None)), fields=["respond_by", "id"], name="lead_clock"
            ),
        ),
        AddIndexConcurrently(
            model_name="lead",
            index=models.Index(condition=models.Q(("campaign__isnull", False)), fields=["campaign"], name="lead_by_campaign"),
        ),
        AddIndexConcurrently(
            model_name="arrival",
            index=models.Index(fields=["source", "-at"], name="arrival_of_source"),
        ),
    ]
