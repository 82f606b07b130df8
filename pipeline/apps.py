"""Leads and deals, from first contact to renewal."""

from django.apps import AppConfig


class PipelineConfig(AppConfig):
    name = "pipeline"
    undo_needs = "edit_deals"  # who may take changes of these records back (salesorg.audit)
