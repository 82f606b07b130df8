"""Changing deals: the one way for form, board, bulk edit, import and API, so that all meet the same refusals."""

from .asks import ask_for, join_deal, withdraw_ask
from .bulk import change_deals, plan_deal_changes
from .deals import assign_deals, change_deal, create_deal, link_activity, move_deal
from .forecasts import make_call, may_call
from .gates import Exits, check_gates, lacks, may_override, refusal, tick
from .handoffs import (
    accept_handoff,
    challenge_handoff,
    judge_challenge,
    offer_handoff,
    pass_on_handoff,
    return_handoff,
    withdraw_handoff,
)
from .intake import Received, receive_lead
from .leads import assign_lead, disqualify_lead, qualify_lead, reopen_lead
from .members import Share, bring_in, fill_place, leave_deal, pass_membership, set_members, standing_of

__all__ = [
    "Exits",
    "Received",
    "Share",
    "accept_handoff",
    "ask_for",
    "assign_deals",
    "assign_lead",
    "bring_in",
    "challenge_handoff",
    "change_deal",
    "change_deals",
    "check_gates",
    "create_deal",
    "disqualify_lead",
    "fill_place",
    "join_deal",
    "judge_challenge",
    "lacks",
    "leave_deal",
    "link_activity",
    "make_call",
    "may_call",
    "may_override",
    "move_deal",
    "offer_handoff",
    "pass_membership",
    "pass_on_handoff",
    "plan_deal_changes",
    "qualify_lead",
    "receive_lead",
    "refusal",
    "reopen_lead",
    "return_handoff",
    "set_members",
    "standing_of",
    "tick",
    "withdraw_ask",
    "withdraw_handoff",
]
