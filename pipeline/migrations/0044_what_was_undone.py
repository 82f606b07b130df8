"""A state of a deal says whether it was taken back since."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0043_invoices_from_files")]

    operations = [migrations.AddField("dealversion", "undone", models.BooleanField(db_default=False))]
