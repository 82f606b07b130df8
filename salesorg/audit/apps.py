"""The append-only record of who changed what, when and why."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "salesorg.audit"
    label = "audit"
