"""Who covers what: plans, territories, seats, placements."""

from django.apps import AppConfig


class TerritoriesConfig(AppConfig):
    name = "territories"
