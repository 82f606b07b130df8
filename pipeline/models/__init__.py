"""Leads and deals, the stages they pass, who works on them, and every state they were in."""

from .deals import Deal, DealActivity, DealMember, DealVersion, GateDebt
from .leads import Arrival, DisqualificationReason, Lead, Source
from .products import Price, PriceList, Product
from .stages import ForecastCategory, LossReason, Pipeline, Stage, Status

__all__ = [
    "Arrival",
    "Deal",
    "DealActivity",
    "DealMember",
    "DealVersion",
    "DisqualificationReason",
    "ForecastCategory",
    "GateDebt",
    "Lead",
    "LossReason",
    "Pipeline",
    "Price",
    "PriceList",
    "Product",
    "Source",
    "Stage",
    "Status",
]
