"""What is planned may have a time, a length and a reminder; nothing is rewritten and nobody waits."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_gate_from_the_index")]

    operations = [
        migrations.AddField("activity", "starts_at", models.DateTimeField(blank=True, null=True, verbose_name="begins")),
        migrations.AddField(
            "activity", "minutes", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="minutes")
        ),
        migrations.AddField("activity", "remind_at", models.DateTimeField(blank=True, null=True, verbose_name="reminder")),
        migrations.AddField("activity", "series", models.UUIDField(blank=True, editable=False, null=True)),
        AddConstraintNotValid(
            "activity",
            models.CheckConstraint(
                condition=Q(remind_at=None) | Q(starts_at__isnull=False, remind_at__lte=F("starts_at")),
                name="activity_reminder_before_start",
                violation_error_message="Give a time to be reminded before it.",
            ),
        ),
    ]
