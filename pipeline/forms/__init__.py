"""What people type about deals and leads: one module per subject."""

from .bulk import DealsForm
from .deals import DealForm, NewDealForm, OwnerForm
from .forecasts import CallForm
from .leads import AssignLeadForm, DisqualifyForm, NewLeadForm, QualifyForm
from .members import AskForm, BaseShareFormSet, BringInForm, PlaceForm, ShareFormSet, basis_points
from .moves import MoveForm
from .stages import CriterionForm, NewStageForm, PipelineForm, RemoveStageForm, StageForm

__all__ = [
    "AskForm",
    "AssignLeadForm",
    "BaseShareFormSet",
    "BringInForm",
    "CallForm",
    "CriterionForm",
    "DealForm",
    "DealsForm",
    "DisqualifyForm",
    "MoveForm",
    "NewDealForm",
    "NewLeadForm",
    "NewStageForm",
    "OwnerForm",
    "PipelineForm",
    "PlaceForm",
    "QualifyForm",
    "RemoveStageForm",
    "ShareFormSet",
    "StageForm",
    "basis_points",
]
