"""Leads and deals, the stages they pass, who works on them, and every state they were in."""

from .asks import Ask
from .contracts import Contract, ContractValue
from .customers import CustomerFacts, HealthInput, HealthScore
from .deals import Deal, DealActivity, DealMember, DealVersion, GateDebt
from .forecasts import ForecastCall
from .gates import Criterion, GateOverride, Tick
from .handoffs import Handoff, Package, PackageVersion
from .invoices import Delivery, DeliveryLine, Invoice, Payment
from .leads import Arrival, DisqualificationReason, Lead
from .onboarding import Onboarding, OnboardingStep, Playbook, PlaybookStep
from .orders import Order, OrderLine, OrderRequest, RequestLine
from .products import Price, PriceList, Product, ProductCost
from .proposals import Approval, DiscountLimit, IssuedDocument, LineCost, Proposal, ProposalLine, ProposalVersion
from .prospects import Prospect, ProspectList
from .satisfaction import Favour, Survey
from .sources import Campaign, FitRule, LandingPage, Source, SourceWorker
from .sprints import Sprint, SprintItem
from .stages import DealType, ForecastCategory, LossReason, Pipeline, Stage, Status
from .stays import StageEntry, StageStay
from .stock import Movement, Stock, Warehouse
from .tickets import Ticket, TicketNote

__all__ = [
    "Approval",
    "Arrival",
    "Ask",
    "Campaign",
    "Contract",
    "ContractValue",
    "Criterion",
    "CustomerFacts",
    "Deal",
    "DealActivity",
    "DealMember",
    "DealType",
    "DealVersion",
    "Delivery",
    "DeliveryLine",
    "DiscountLimit",
    "DisqualificationReason",
    "Favour",
    "FitRule",
    "ForecastCall",
    "ForecastCategory",
    "GateDebt",
    "GateOverride",
    "Handoff",
    "HealthInput",
    "HealthScore",
    "Invoice",
    "IssuedDocument",
    "LandingPage",
    "Lead",
    "LineCost",
    "LossReason",
    "Movement",
    "Onboarding",
    "OnboardingStep",
    "Order",
    "OrderLine",
    "OrderRequest",
    "Package",
    "PackageVersion",
    "Payment",
    "Pipeline",
    "Playbook",
    "PlaybookStep",
    "Price",
    "PriceList",
    "Product",
    "ProductCost",
    "Proposal",
    "ProposalLine",
    "ProposalVersion",
    "Prospect",
    "ProspectList",
    "RequestLine",
    "Source",
    "SourceWorker",
    "Sprint",
    "SprintItem",
    "Stage",
    "StageEntry",
    "StageStay",
    "Status",
    "Stock",
    "Survey",
    "Tick",
    "Ticket",
    "TicketNote",
    "Warehouse",
]
