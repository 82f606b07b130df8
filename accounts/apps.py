"""Customer accounts, contacts, activities, and who covers them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy


class AccountsConfig(AppConfig):
    name = "accounts"
    undo_needs = "edit_accounts"  # who may take changes of these records back (salesorg.audit)

    def ready(self):
        from accounts import changing, handover, measures, merging  # noqa: PLC0415
        from accounts.nightly import cadences, pairs, tiers  # noqa: PLC0415
        from salesorg.audit import following  # noqa: PLC0415
        from salesorg.lib import search  # noqa: PLC0415 (models are loaded by now)
        from salesorg.people import handover as people  # noqa: PLC0415
        from salesorg.people import visibility  # noqa: PLC0415

        from .importing import pruning, steps  # noqa: PLC0415
        from .models import Account, Cadence  # noqa: PLC0415
        from .search import find_accounts, find_contacts  # noqa: PLC0415
        from .services.cadences import put_right_after_undo  # noqa: PLC0415

        search.register(_("Accounts"), find_accounts)
        search.register(_("Contacts"), find_contacts)
        people.register(
            ngettext_lazy("%(count)d account covered", "%(count)d accounts covered", "count"),
            count=handover.count_covered,
            transfer=handover.transfer_coverage,
        )
        people.register(
            ngettext_lazy("%(count)d planned activity", "%(count)d planned activities", "count"),
            count=handover.count_planned,
            transfer=handover.transfer_planned,
        )
        following.register(Cadence, put_right_after_undo)
        steps.register()
        changing.register_steps()
        pruning.register()
        tiers.register()
        visibility.register("account", _("Accounts"), Account)
        pairs.register()
        cadences.register()
        measures.register_activities()
        for derived in ("accounts.ContactDue", "accounts.CadencePlan"):
            merging.register(derived, "account", cadences.stays)
