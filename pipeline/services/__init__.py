"""Changing deals: the one way for form, board, bulk edit, import and API, so that all meet the same refusals."""

from .bulk import change_deals, plan_deal_changes
from .deals import assign_deals, change_deal, create_deal, link_activity, move_deal
from .gates import check_gates, lacks, refusal
from .members import Share, set_members, standing_of

__all__ = [
    "Share",
    "assign_deals",
    "change_deal",
    "change_deals",
    "check_gates",
    "create_deal",
    "lacks",
    "link_activity",
    "move_deal",
    "plan_deal_changes",
    "refusal",
    "set_members",
    "standing_of",
]
