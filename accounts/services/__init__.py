"""Every change of accounts, contacts, activities and coverage: one module per subject."""

from .accounts import add_contact, change_account, change_contact, create_account
from .activities import complete_activity, log_activity, plan_activity
from .bulk import change_accounts, plan_account_changes
from .consents import record_consent
from .coverage import end_coverage, fill_gaps, lock_coverage, set_coverage
from .departures import note_departure
from .merging import dismiss_pair, merge_accounts, merge_contacts, reopen_pair
from .orders import request_order
from .planning import cancel_activity, change_plan, check_may_plan_for, move_activity, plan_series
from .sightings import note_sighting
from .tiers import change_tier_policy, end_key_account, mark_key_account, tier_on
from .visits import Brought, add_photo, decide_pin, propose_pin, remove_photo

__all__ = [
    "Brought",
    "add_contact",
    "add_photo",
    "cancel_activity",
    "change_account",
    "change_accounts",
    "change_contact",
    "change_plan",
    "change_tier_policy",
    "check_may_plan_for",
    "complete_activity",
    "create_account",
    "decide_pin",
    "dismiss_pair",
    "end_coverage",
    "end_key_account",
    "fill_gaps",
    "lock_coverage",
    "log_activity",
    "mark_key_account",
    "merge_accounts",
    "merge_contacts",
    "move_activity",
    "note_departure",
    "note_sighting",
    "plan_account_changes",
    "plan_activity",
    "plan_series",
    "propose_pin",
    "record_consent",
    "remove_photo",
    "reopen_pair",
    "request_order",
    "set_coverage",
    "tier_on",
]
