"""Customer accounts, their contacts, what was done there, and who covers them for what: one module per subject."""

from .accounts import Account, Contact
from .activities import Activity
from .bulk import BulkChange
from .cadences import Cadence, CadenceKind, CadencePlan, ContactDue
from .consents import Consent
from .coverage import Coverage, CoverageLine
from .departures import Departure
from .documents import Document, DocumentLink, DocumentTeam, DocumentVersion, PrintOrder
from .duplicates import AccountPair, ContactPair, MergedAccount, MergedContact, Reason
from .field_days import FieldDay
from .imports import ColumnMapping, Export, Import, ImportRow
from .reminders import ReminderChoice
from .sightings import Competitor, Sighting
from .targets import ActivityTarget, Measure
from .tiers import AccountFacts, KeyAccountMark, TierPeriod, TierPolicy, tier_policy
from .vehicles import Trip, Vehicle, VehicleMonth
from .visits import CheckIn, Meeting, Photo, PinProposal

__all__ = [
    "Account",
    "AccountFacts",
    "AccountPair",
    "Activity",
    "ActivityTarget",
    "BulkChange",
    "Cadence",
    "CadenceKind",
    "CadencePlan",
    "CheckIn",
    "ColumnMapping",
    "Competitor",
    "Consent",
    "Contact",
    "ContactDue",
    "ContactPair",
    "Coverage",
    "CoverageLine",
    "Departure",
    "Document",
    "DocumentLink",
    "DocumentTeam",
    "DocumentVersion",
    "Export",
    "FieldDay",
    "Import",
    "ImportRow",
    "KeyAccountMark",
    "Measure",
    "Meeting",
    "MergedAccount",
    "MergedContact",
    "Photo",
    "PinProposal",
    "PrintOrder",
    "Reason",
    "ReminderChoice",
    "Sighting",
    "TierPeriod",
    "TierPolicy",
    "Trip",
    "Vehicle",
    "VehicleMonth",
    "tier_policy",
]
