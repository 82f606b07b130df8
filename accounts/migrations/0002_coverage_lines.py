"""The two lines every organisation begins with."""

from django.db import migrations

LINES = [("new-business", "New business"), ("customer-success", "Customer success")]


def add_lines(apps, schema_editor):
    line = apps.get_model("accounts", "CoverageLine")
    for code, name in LINES:
        line.objects.get_or_create(code=code, defaults={"name": name})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("audit", "0001_initial")]  # the history of what is added here

    # Going back leaves the lines: coverage may hang on them.
    operations = [migrations.RunPython(add_lines, migrations.RunPython.noop)]
