"""Changing deals: the one way for form, board, bulk edit, import and API, so that all meet the same refusals."""

from .deals import assign_deals, change_deal, create_deal, link_activity, move_deal
from .gates import check_gates, lacks, refusal
from .members import Share, set_members

__all__ = [
    "Share",
    "assign_deals",
    "change_deal",
    "check_gates",
    "create_deal",
    "lacks",
    "link_activity",
    "move_deal",
    "refusal",
    "set_members",
]
