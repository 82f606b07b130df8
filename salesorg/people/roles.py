"""Roles, what each may do, and what each sees by default: the one table."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.IntegerChoices):
    """What a person does in a team. Numbers, because an exclusion constraint's key has to be one."""

    SDR_INBOUND = 1, _("SDR, inbound")
    SDR_OUTBOUND = 2, _("SDR, outbound")
    AE = 3, _("Account executive")
    SPECIALIST = 4, _("Specialist")
    CSM = 5, _("Customer success manager")
    INSIDE = 6, _("Inside seller")
    TECHNICIAN = 7, _("Technician")
    ASSISTANT = 8, _("Sales assistant")
    MANAGER = 9, _("Manager")
    DIRECTOR = 10, _("Director")
    OPERATIONS = 11, _("Sales operations")
    FINANCE = 12, _("Finance")
    ADMINISTRATOR = 13, _("Administrator")


SELLERS = frozenset({Role.SDR_INBOUND, Role.SDR_OUTBOUND, Role.AE, Role.SPECIALIST, Role.CSM})
HELPERS = frozenset({Role.INSIDE, Role.TECHNICIAN})  # read and log on all accounts of their teams
LEADERS = frozenset({Role.MANAGER, Role.DIRECTOR})  # see their whole subtree
SEE_ALL_RECORDS = frozenset({Role.OPERATIONS, Role.FINANCE})

_FIELD = SELLERS | HELPERS | LEADERS | {Role.ASSISTANT, Role.OPERATIONS}


class Action(models.TextChoices):
    """Everything a person may or may not do. Reading records is not here: `visible_to` decides that."""

    READ_RECORDS = "read_records", _("open accounts, deals and territories")
    LOG_ACTIVITY = "log_activity", _("log visits and calls")
    IMPORT_FILES = "import_files", _("bring in files of what they may type")
    EDIT_ACCOUNTS = "edit_accounts", _("create and change accounts and contacts")
    EXPORT = "export", _("take records out as files")
    EDIT_DEALS = "edit_deals", _("create, change and move deals")
    EDIT_SOURCES = "edit_sources", _("set up where leads come from, campaigns and web forms")
    EDIT_PACKAGES = "edit_packages", _("say what a handoff must bring")
    KEEP_CUSTOMERS = "keep_customers", _("look after customers: their book, onboarding, health")
    SET_UP_SUCCESS = "set_up_success", _("say how customers are onboarded and what makes them healthy")
    REVIEW_PIPELINE = "review_pipeline", _("review a team's pipeline")
    OVERRIDE_GATES = "override_gates", _("move a deal on without its exit criteria, for a reason")
    SEE_PIPELINES = "see_pipelines", _("see the pipelines and their stages")
    EDIT_PIPELINES = "edit_pipelines", _("set up pipelines, stages and exit criteria")
    EDIT_PRODUCTS = "edit_products", _("keep products, price lists and limits of discount")
    KEEP_STOCK = "keep_stock", _("keep warehouses and what lies in them")
    TAKE_ORDERS = "take_orders", _("take, confirm and cancel orders, and record deliveries")
    RECORD_INVOICES = "record_invoices", _("record invoices, payments and credit notes")
    SEE_MARGIN = "see_margin", _("see what products cost us and the margin")
    EDIT_DOCUMENTS = "edit_documents", _("keep the library of documents")
    MERGE = "merge", _("merge accounts and contacts that are there twice")
    EDIT_TIERS = "edit_tiers", _("set the thresholds of spend tiers")
    REASSIGN = "reassign", _("reassign accounts, deals and territories")
    SEE_OWN_PAY = "see_own_pay", _("see one's own statements")
    SEE_TEAM_ATTAINMENT = "see_team_attainment", _("see a team's attainment")
    SEE_ALL_PAY = "see_all_pay", _("see every statement")
    EDIT_CADENCES = "edit_cadences", _("say how often customers are visited and called")
    SET_TARGETS = "set_targets", _("set targets for visits, calls and meetings")
    EDIT_QUOTAS = "edit_quotas", _("set quotas and plans")
    START_RUNS = "start_runs", _("start the nightly run")
    SEE_RUNS = "see_runs", _("see runs and their problems")
    READ_AUDIT = "read_audit", _("read the record of all changes")
    SEE_PEOPLE = "see_people", _("see people and teams")
    EDIT_PEOPLE = "edit_people", _("manage people, teams and roles")
    EDIT_SETTINGS = "edit_settings", _("change the organisation's settings")


_EVERYONE = frozenset(Role)

MAY = {
    Action.READ_RECORDS: _FIELD | {Role.FINANCE},
    Action.LOG_ACTIVITY: _FIELD,
    Action.IMPORT_FILES: _FIELD | {Role.FINANCE},
    Action.EDIT_ACCOUNTS: _FIELD,
    Action.EXPORT: SELLERS | LEADERS | {Role.INSIDE, Role.OPERATIONS, Role.FINANCE},
    Action.EDIT_DEALS: SELLERS | LEADERS | {Role.INSIDE, Role.OPERATIONS},
    Action.EDIT_SOURCES: frozenset({Role.OPERATIONS, Role.DIRECTOR}),
    Action.EDIT_PACKAGES: frozenset({Role.OPERATIONS, Role.ADMINISTRATOR}),
    Action.KEEP_CUSTOMERS: LEADERS | {Role.CSM, Role.OPERATIONS},
    Action.SET_UP_SUCCESS: frozenset({Role.OPERATIONS}),
    Action.REVIEW_PIPELINE: LEADERS | {Role.OPERATIONS, Role.FINANCE},
    Action.OVERRIDE_GATES: LEADERS | {Role.OPERATIONS},
    Action.SEE_PIPELINES: _EVERYONE,
    Action.EDIT_PIPELINES: frozenset({Role.OPERATIONS, Role.ADMINISTRATOR}),
    Action.EDIT_PRODUCTS: frozenset({Role.OPERATIONS}),
    Action.KEEP_STOCK: frozenset({Role.OPERATIONS}),
    Action.TAKE_ORDERS: LEADERS | HELPERS | {Role.AE, Role.SPECIALIST, Role.CSM, Role.ASSISTANT, Role.OPERATIONS},
    Action.RECORD_INVOICES: frozenset({Role.OPERATIONS, Role.FINANCE}),
    Action.SEE_MARGIN: LEADERS | {Role.OPERATIONS, Role.FINANCE},
    Action.EDIT_DOCUMENTS: LEADERS | {Role.OPERATIONS},
    Action.MERGE: LEADERS | {Role.OPERATIONS, Role.ADMINISTRATOR},
    Action.EDIT_TIERS: frozenset({Role.OPERATIONS, Role.ADMINISTRATOR}),
    Action.REASSIGN: LEADERS | {Role.OPERATIONS},
    Action.SEE_OWN_PAY: _EVERYONE,
    Action.SEE_TEAM_ATTAINMENT: LEADERS | {Role.OPERATIONS, Role.FINANCE},
    Action.SEE_ALL_PAY: frozenset({Role.FINANCE}),
    Action.EDIT_CADENCES: frozenset({Role.OPERATIONS, Role.ADMINISTRATOR}),
    Action.SET_TARGETS: LEADERS | {Role.OPERATIONS},
    Action.EDIT_QUOTAS: frozenset({Role.OPERATIONS, Role.FINANCE}),
    Action.START_RUNS: frozenset({Role.OPERATIONS, Role.FINANCE, Role.ADMINISTRATOR}),
    Action.SEE_RUNS: frozenset({Role.OPERATIONS, Role.FINANCE, Role.ADMINISTRATOR}),
    Action.READ_AUDIT: frozenset({Role.ADMINISTRATOR}),
    Action.SEE_PEOPLE: _EVERYONE,
    Action.EDIT_PEOPLE: frozenset({Role.ADMINISTRATOR}),
    Action.EDIT_SETTINGS: frozenset({Role.ADMINISTRATOR}),
}


def only_qualifies(user):
    """Whether finding and qualifying leads is all the person does: their day begins with the queue."""
    return bool(user.scope.roles) and user.scope.roles <= {Role.SDR_INBOUND, Role.SDR_OUTBOUND}


def only_keeps(user):
    """Whether looking after customers is all the person does: their day begins with the book."""
    return bool(user.scope.roles) and user.scope.roles <= {Role.CSM}


def only_helps(user):
    """Whether helping others is all the person does: their day is the tickets and orders of the team."""
    return bool(user.scope.roles) and user.scope.roles <= HELPERS


def actions_of(roles):
    """The actions that a person with these roles may take."""
    return frozenset(action for action, allowed in MAY.items() if not allowed.isdisjoint(roles))
