"""The inputs by which the health of customers is scored to begin with; sales operations weigh them otherwise."""

from django.db import migrations

# (input, weight, the value that earns all points, the value that earns none)
INPUTS = (
    ("contact", 25, 14, 90),
    ("silence", 20, 0, 30),
    ("onboarding", 15, 100, 50),
    ("tickets", 15, 0, 4),
    ("satisfaction", 15, 9, 5),
    ("trend", 10, 0, -25),
)


def add_inputs(apps, schema_editor):
    model = apps.get_model("pipeline", "HealthInput")
    for position, (code, weight, good, bad) in enumerate(INPUTS):
        model.objects.get_or_create(code=code, defaults={"weight": weight, "good": good, "bad": bad, "position": position})


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0023_customers"), ("audit", "0001_initial")]

    # Going back takes the table along.
    operations = [migrations.RunPython(add_inputs, migrations.RunPython.noop)]
