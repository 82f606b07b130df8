"""What people type about accounts, contacts, visits and coverage: one module per subject."""

from .accounts import AccountForm, ContactForm, NewAccountForm
from .activities import CompleteForm, VisitForm
from .consents import ConsentForm
from .coverage import CoverageForm, EndCoverageForm
from .planning import ChangePlanForm, PlanForm

__all__ = [
    "AccountForm",
    "ChangePlanForm",
    "CompleteForm",
    "ConsentForm",
    "ContactForm",
    "CoverageForm",
    "EndCoverageForm",
    "NewAccountForm",
    "PlanForm",
    "VisitForm",
]
