"""Quotas, plans, the ledger and statements."""

from django.apps import AppConfig


class CommissionsConfig(AppConfig):
    name = "commissions"
