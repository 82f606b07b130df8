"""Leads and deals, from first contact to renewal."""

from django.apps import AppConfig


class PipelineConfig(AppConfig):
    name = "pipeline"
