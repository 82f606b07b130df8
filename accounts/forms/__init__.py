"""What people type about accounts, contacts, visits and coverage: one module per subject."""

from .accounts import AccountForm, ContactForm, NewAccountForm, NewContactForm
from .activities import CompleteForm, VisitForm
from .bulk import AccountsForm
from .consents import ConsentForm
from .coverage import CoverageForm, EndCoverageForm
from .merging import MergeForm, MergeWithForm
from .orders import OrderRequestForm
from .planning import ChangePlanForm, PlanForm
from .tiers import KeyAccountForm, TierPolicyForm
from .visits import PinForm

__all__ = [
    "AccountForm",
    "AccountsForm",
    "ChangePlanForm",
    "CompleteForm",
    "ConsentForm",
    "ContactForm",
    "CoverageForm",
    "EndCoverageForm",
    "KeyAccountForm",
    "MergeForm",
    "MergeWithForm",
    "NewAccountForm",
    "NewContactForm",
    "OrderRequestForm",
    "PinForm",
    "PlanForm",
    "TierPolicyForm",
    "VisitForm",
]
