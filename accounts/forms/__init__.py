"""What people type about accounts, contacts, visits and coverage: one module per subject."""

from .accounts import AccountForm, ContactForm, NewAccountForm
from .activities import CompleteForm, PlanForm, VisitForm
from .consents import ConsentForm
from .coverage import CoverageForm, EndCoverageForm

__all__ = [
    "AccountForm",
    "CompleteForm",
    "ConsentForm",
    "ContactForm",
    "CoverageForm",
    "EndCoverageForm",
    "NewAccountForm",
    "PlanForm",
    "VisitForm",
]
