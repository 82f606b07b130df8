"""Finance takes closed months of a vehicle log over, and gives them back with a reason."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0026_find_who_left"),
    ]

    operations = [
        migrations.AddField(
            model_name="vehiclemonth",
            name="given_back_because",
            field=models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="why it was given back"),
        ),
        migrations.AddField(
            model_name="vehiclemonth",
            name="taken_over_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="taken over"),
        ),
    ]
