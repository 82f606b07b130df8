"""The pay pages, split by subject."""

from .attainment import attainment, credit_list
from .periods import period_close, period_detail, period_export, period_list
from .statements import statement_detail, statement_list
from .terms import plan_assign, plan_detail, plan_list, quota_list, quota_new, quota_propose

__all__ = [
    "attainment",
    "credit_list",
    "period_close",
    "period_detail",
    "period_export",
    "period_list",
    "plan_assign",
    "plan_detail",
    "plan_list",
    "quota_list",
    "quota_new",
    "quota_propose",
    "statement_detail",
    "statement_list",
]
