"""Work that follows from a change: outbox, runs and their progress."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "salesorg.jobs"
    label = "jobs"
