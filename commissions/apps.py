"""Quotas, plans, the ledger and statements."""

from django.apps import AppConfig


class CommissionsConfig(AppConfig):
    name = "commissions"
    undo_needs = "edit_quotas"  # who may take changes of these records back (salesorg.audit)

    def ready(self):
        from . import nightly, quotas  # noqa: PLC0415 (the models are not loaded when this module is)

        nightly.register()
        quotas.register()
