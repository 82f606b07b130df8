"""Customer accounts, their contacts, what was done there, and who covers them for what: one module per subject."""

from .accounts import Account, Contact
from .activities import Activity
from .consents import Consent
from .coverage import Coverage, CoverageLine
from .duplicates import AccountPair, ContactPair, MergedAccount, MergedContact, Reason
from .field_days import FieldDay
from .imports import ColumnMapping, Export, Import, ImportRow

__all__ = [
    "Account",
    "AccountPair",
    "Activity",
    "ColumnMapping",
    "Consent",
    "Contact",
    "ContactPair",
    "Coverage",
    "CoverageLine",
    "Export",
    "FieldDay",
    "Import",
    "ImportRow",
    "MergedAccount",
    "MergedContact",
    "Reason",
]
