"""Quotas and plans; what was booked, credited and earned; statements."""

from .ledger import Credit, Event, LedgerEntry, Statement
from .plans import Measure, Period, PlanAssignment, PlanVersion, Quota

__all__ = [
    "Credit",
    "Event",
    "LedgerEntry",
    "Measure",
    "Period",
    "PlanAssignment",
    "PlanVersion",
    "Quota",
    "Statement",
]
