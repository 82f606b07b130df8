"""Changing deals: the one way for form, board, bulk edit, import and API, so that all meet the same refusals."""

from .bulk import change_deals, plan_deal_changes
from .deals import assign_deals, change_deal, create_deal, link_activity, move_deal
from .gates import Exits, check_gates, lacks, may_override, refusal, tick
from .intake import Received, receive_lead
from .leads import assign_lead, disqualify_lead, qualify_lead, reopen_lead
from .members import Share, set_members, standing_of

__all__ = [
    "Exits",
    "Received",
    "Share",
    "assign_deals",
    "assign_lead",
    "change_deal",
    "change_deals",
    "check_gates",
    "create_deal",
    "disqualify_lead",
    "lacks",
    "link_activity",
    "may_override",
    "move_deal",
    "plan_deal_changes",
    "qualify_lead",
    "receive_lead",
    "refusal",
    "reopen_lead",
    "set_members",
    "standing_of",
    "tick",
]
