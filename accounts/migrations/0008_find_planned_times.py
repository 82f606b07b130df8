"""Indexes for reminders, series and what was booked, built while people go on working."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0007_planned_times")]

    operations = [
        ValidateConstraint("activity", "activity_reminder_before_start"),
        AddIndexConcurrently(
            "activity",
            models.Index(fields=["remind_at"], name="activity_reminders", condition=Q(done_at=None, remind_at__isnull=False)),
        ),
        AddIndexConcurrently(
            "activity", models.Index(fields=["series"], name="activity_series", condition=Q(series__isnull=False))
        ),
        AddIndexConcurrently(
            "activity",
            models.Index(fields=["user", "created_at"], name="activity_booked", condition=Q(due_on__isnull=False)),
        ),
    ]
