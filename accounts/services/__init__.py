"""Every change of accounts, contacts, activities and coverage: one module per subject."""

from .accounts import add_contact, change_account, change_contact, create_account
from .activities import complete_activity, log_activity, plan_activity
from .consents import record_consent
from .coverage import end_coverage, fill_gaps, lock_coverage, set_coverage
from .merging import dismiss_pair, merge_accounts, merge_contacts, reopen_pair
from .planning import cancel_activity, change_plan, check_may_plan_for, move_activity, plan_series

__all__ = [
    "add_contact",
    "cancel_activity",
    "change_account",
    "change_contact",
    "change_plan",
    "check_may_plan_for",
    "complete_activity",
    "create_account",
    "dismiss_pair",
    "end_coverage",
    "fill_gaps",
    "lock_coverage",
    "log_activity",
    "merge_accounts",
    "merge_contacts",
    "move_activity",
    "plan_activity",
    "plan_series",
    "record_consent",
    "reopen_pair",
    "set_coverage",
]
