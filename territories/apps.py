"""Who covers what: plans, territories, seats, placements."""

from django.apps import AppConfig


class TerritoriesConfig(AppConfig):
    name = "territories"
    undo_needs = "reassign"  # who may take changes of these records back (salesorg.audit)

    def ready(self):
        from accounts import services as accounts  # noqa: PLC0415 (models are loaded by now)

        from .placement import fill_gap  # noqa: PLC0415

        accounts.fill_gaps.append(fill_gap)
