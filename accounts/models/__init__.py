"""Customer accounts, their contacts, what was done there, and who covers them for what: one module per subject."""

from .accounts import Account, Contact
from .activities import Activity
from .consents import Consent
from .coverage import Coverage, CoverageLine
from .duplicates import AccountPair, ContactPair, MergedAccount, MergedContact, Reason

__all__ = [
    "Account",
    "AccountPair",
    "Activity",
    "Consent",
    "Contact",
    "ContactPair",
    "Coverage",
    "CoverageLine",
    "MergedAccount",
    "MergedContact",
    "Reason",
]
