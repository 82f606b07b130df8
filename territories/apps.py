"""Who covers what: plans, territories, seats, placements."""

from django.apps import AppConfig
from django.utils.translation import ngettext_lazy


class TerritoriesConfig(AppConfig):
    name = "territories"
    undo_needs = "reassign"  # who may take changes of these records back (salesorg.audit)

    def ready(self):
        from accounts import merging  # noqa: PLC0415 (models are loaded by now)
        from accounts import services as accounts  # noqa: PLC0415
        from salesorg.people import handover as people  # noqa: PLC0415

        from . import handover, nightly  # noqa: PLC0415
        from .placement import cover_as_placed, fill_gap  # noqa: PLC0415

        accounts.fill_gaps.append(fill_gap)
        merging.afterwards.append(cover_as_placed)
        nightly.register()
        people.register(
            ngettext_lazy("%(count)d seat", "%(count)d seats", "count"),
            count=handover.count_seats,
            transfer=handover.transfer_seats,
        )
