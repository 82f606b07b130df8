"""The commission engine: frozen values in, lines and problems out. No clock, no database."""

from .earning import Credit, Earnings, Leg, Line, Problem, Quota, attainment, earn, earned, legs
from .plans import Component, Plan, PlanError, Tier, plan_of

__all__ = [
    "Component",
    "Credit",
    "Earnings",
    "Leg",
    "Line",
    "Plan",
    "PlanError",
    "Problem",
    "Quota",
    "Tier",
    "attainment",
    "earn",
    "earned",
    "legs",
    "plan_of",
]
