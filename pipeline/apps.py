"""Leads and deals, from first contact to renewal."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PipelineConfig(AppConfig):
    name = "pipeline"
    undo_needs = "edit_deals"  # who may take changes of these records back (salesorg.audit)

    def ready(self):
        from accounts import expectations, links  # noqa: PLC0415 (models are loaded by now)
        from accounts.querysets.accounts import also_visible  # noqa: PLC0415
        from pipeline.querysets.deals import accounts_of_own_open_deals, accounts_of_own_open_leads  # noqa: PLC0415
        from pipeline.querysets.handoffs import HANDOFFS_WAITING  # noqa: PLC0415
        from pipeline.querysets.prospects import accounts_on_own_lists  # noqa: PLC0415
        from salesorg.audit import following as undoing  # noqa: PLC0415
        from salesorg.lib.search import register  # noqa: PLC0415
        from salesorg.people import visibility  # noqa: PLC0415
        from salesorg.people.querysets import beside_the_person  # noqa: PLC0415
        from territories import transfers  # noqa: PLC0415

        from . import (  # noqa: PLC0415
            changing,
            exit_facts,
            exporting,
            following,
            handover,
            revenue,
            taken_later,
        )
        from .importers import billing  # noqa: PLC0415
        from .models import Deal, DealMember, Stage  # noqa: PLC0415
        from .nightly import customers, stays  # noqa: PLC0415
        from .search import find_deals, find_orders, find_proposals  # noqa: PLC0415
        from .services import (  # noqa: PLC0415
            approvals,  # noqa: F401 (its handler of the outbox)
            handoff_clocks,  # noqa: F401 (its handler of the outbox)
            sending,  # noqa: F401 (its handlers of the outbox)
        )

        changing.add()
        customers.register()
        exporting.add()
        also_visible.extend([accounts_of_own_open_deals, accounts_of_own_open_leads, accounts_on_own_lists])
        exit_facts.register_all()
        stays.register()
        register(_("Deals"), find_deals)
        register(_("Proposals"), find_proposals)
        register(_("Orders"), find_orders)
        revenue.register()
        taken_later.register()
        billing.register()
        links.register("deal", following.tie_activity)
        links.register("prospect", following.tie_to_prospect)
        expectations.register_deal_step(following.deal_step)
        transfers.register(_("Open deals"), count=following.count_open_deals, move=following.move_open_deals)
        handover.register_all()
        following.register_leads()
        undoing.register(Stage, following.keep_stages_in_use)
        undoing.register(Deal, following.after_undo_of_deals)
        undoing.register(DealMember, following.keep_shares_settled)
        beside_the_person["handoffs_waiting"] = HANDOFFS_WAITING
        visibility.register("deal", _("Deals"), Deal)
