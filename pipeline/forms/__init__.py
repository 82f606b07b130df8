"""What people type about deals and leads: one module per subject."""

from .bulk import DealsForm
from .deals import DealForm, MoveForm, NewDealForm, OwnerForm
from .members import BaseShareFormSet, ShareFormSet, basis_points

__all__ = [
    "BaseShareFormSet",
    "DealForm",
    "DealsForm",
    "MoveForm",
    "NewDealForm",
    "OwnerForm",
    "ShareFormSet",
    "basis_points",
]
