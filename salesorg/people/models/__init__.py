"""People who sign in, their teams and roles, when they work, and what they keep of the pages."""

from .people import (
    Assistance,
    Membership,
    Organisation,
    SavedView,
    Session,
    Team,
    User,
    UserManager,
    ViewUse,
    check_time_zone,
    organisation,
)
from .working import Absence, PublicHoliday, WorkingDay

__all__ = [
    "Absence",
    "Assistance",
    "Membership",
    "Organisation",
    "PublicHoliday",
    "SavedView",
    "Session",
    "Team",
    "User",
    "UserManager",
    "ViewUse",
    "WorkingDay",
    "check_time_zone",
    "organisation",
]
