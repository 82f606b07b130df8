"""Every change of accounts, contacts, activities and coverage: one module per subject."""

from .accounts import add_contact, change_account, change_contact, create_account
from .activities import complete_activity, log_activity, plan_activity
from .consents import record_consent
from .coverage import end_coverage, fill_gaps, lock_coverage, set_coverage

__all__ = [
    "add_contact",
    "change_account",
    "change_contact",
    "complete_activity",
    "create_account",
    "end_coverage",
    "fill_gaps",
    "lock_coverage",
    "log_activity",
    "plan_activity",
    "record_consent",
    "set_coverage",
]
