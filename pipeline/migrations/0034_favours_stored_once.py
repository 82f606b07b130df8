"""A review or referral that is sent twice is stored once: the number its form was made with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0033_deliveries_and_invoices")]

    operations = [
        migrations.AddField(
            model_name="favour",
            name="client_id",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
    ]
