"""The reasons for disqualifying a lead that every organisation begins with; it adds its own."""

from django.db import migrations

REASONS = ["No answer", "No budget", "No need", "Not a fit", "Not serious", "Wrong person", "Works with a competitor"]


def add_reasons(apps, schema_editor):
    reason = apps.get_model("pipeline", "DisqualificationReason")
    for name in REASONS:
        reason.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0010_find_open_leads"), ("audit", "0001_initial")]

    # Going back leaves the reasons: leads may hang on them.
    operations = [migrations.RunPython(add_reasons, migrations.RunPython.noop)]
