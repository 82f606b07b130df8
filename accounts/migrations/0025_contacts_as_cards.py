"""Exports may be vCards; the table of exports is small."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0024_closed_months_keep_their_trips")]

    operations = [
        migrations.AlterField(
            "export", "format", models.CharField(choices=[("csv", "CSV"), ("xlsx", "Excel"), ("vcf", "vCard")], max_length=4)
        ),
        migrations.RemoveConstraint("export", "export_format_known"),
        migrations.AddConstraint(
            "export",
            models.CheckConstraint(condition=models.Q(("format__in", ["csv", "xlsx", "vcf"])), name="export_format_known"),
        ),
    ]
