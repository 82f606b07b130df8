"""What people type about deals and leads: one module per subject."""

from .bulk import DealsForm
from .deals import DealForm, NewDealForm, OwnerForm
from .leads import AssignLeadForm, DisqualifyForm, NewLeadForm, QualifyForm
from .members import BaseShareFormSet, ShareFormSet, basis_points
from .moves import MoveForm

__all__ = [
    "AssignLeadForm",
    "BaseShareFormSet",
    "DealForm",
    "DealsForm",
    "DisqualifyForm",
    "MoveForm",
    "NewDealForm",
    "NewLeadForm",
    "OwnerForm",
    "QualifyForm",
    "ShareFormSet",
    "basis_points",
]
