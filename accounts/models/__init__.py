"""Customer accounts, their contacts, what was done there, and who covers them for what: one module per subject."""

from .accounts import Account, Contact
from .activities import Activity
from .consents import Consent
from .coverage import Coverage, CoverageLine

__all__ = ["Account", "Activity", "Consent", "Contact", "Coverage", "CoverageLine"]
