"""The two files of a marketing funnel (qualified leads, closed deals) as plain values. No database."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from .problems import Problem
from .reading import Refusals, once_each, read_table

LEADS, CLOSED = "olist_marketing_qualified_leads_dataset.csv", "olist_closed_deals_dataset.csv"
UNKNOWN = "unknown"
ID = 64  # characters of an anonymous id, at most
# What the files also say and Salesorg has no place for: named in the report, so that nobody looks for it in vain.
LEFT_OUT = {
    "seller_id": "the shop's own number",
    "has_company": "",
    "has_gtin": "",
    "average_stock": "a spreadsheet has turned ranges into dates: 5-20 reads May-20",
    "business_type": "",
    "declared_product_catalog_size": "",
    "declared_monthly_revenue": "what the seller declares to earn, not what the deal is worth",
}


@dataclass(frozen=True, slots=True)
class LeadFacts:
    key: str
    line: int
    first_contact_on: date
    landing_page: str
    origin: str


@dataclass(frozen=True, slots=True)
class WinFacts:
    key: str
    line: int
    sdr: str
    seller: str
    won_at: datetime  # without a time zone: the organisation's
    segment: str
    lead_type: str
    behaviour_profile: str


@dataclass
class FunnelFiles:
    """What the files say, by the lead's id, and what is odd about it."""

    leads: dict
    wins: dict
    problems: list = field(default_factory=list)

    @property
    def size(self):
        return len(self.leads)


def read(folder):
    """The files in `folder` as FunnelFiles. Raises DomainError naming file, line and field of everything that is refused."""
    refusals, problems = Refusals(), []
    leads = _read(folder, LEADS, ["mql_id", "first_contact_date", "landing_page_id", "origin"], _lead, refusals, problems)
    refusals.raise_any()  # without them every win would name an unknown lead
    columns = ["mql_id", "sdr_id", "sr_id", "won_date", "business_segment", "lead_type", "lead_behaviour_profile"]
    wins = _read(folder, CLOSED, columns, lambda row, problems: _win(row, leads, problems), refusals, problems)
    refusals.raise_any()
    return FunnelFiles(leads, wins, problems)


def _read(folder, name, columns, parse, refusals, problems):
    table = read_table(folder, name, columns, refusals)
    records, repeated = once_each([(row, parse(row, problems)) for row in table], "mql_id", refusals)
    for row in repeated:
        problems.append(Problem("repeated line", name, row.line, row.values["mql_id"], "mql_id", "", "counted once"))
    for column, why in LEFT_OUT.items():
        if count := sum(bool(row.values.get(column, "").strip()) for row in table):
            done = "left out: Salesorg has no place for it" + (f" ({why})" if why else "")
            problems.append(Problem("column left out", name, None, "", column, str(count), done))
    return records


def _lead(row, problems):
    lead = LeadFacts(
        key=row.text("mql_id", limit=ID, required=True),
        line=row.line,
        first_contact_on=row.day("first_contact_date", "%d-%m-%Y", "31-03-2018"),
        landing_page=row.text("landing_page_id", limit=200),
        origin=row.text("origin", limit=100) or UNKNOWN,
    )
    if not row.values["first_contact_date"].strip():
        row.refuse("first_contact_date", _("is empty; a value is needed."))
    if not row.values["origin"].strip():
        problems.append(Problem("lead without origin", LEADS, row.line, lead.key, "origin", "", f"kept as “{UNKNOWN}”"))
    return lead


def _win(row, leads, problems):
    win = WinFacts(
        key=row.text("mql_id", limit=ID, required=True),
        line=row.line,
        sdr=row.text("sdr_id", limit=ID),
        seller=row.text("sr_id", limit=ID, required=True),
        won_at=row.moment("won_date", "%d-%m-%Y %H:%M", "31-03-2018 17:05"),
        segment=row.text("business_segment", limit=100),
        lead_type=row.text("lead_type", limit=100),
        behaviour_profile=row.text("lead_behaviour_profile", limit=100),
    )
    if not row.values["won_date"].strip():
        row.refuse("won_date", _("is empty; a value is needed."))
    if win.key and win.key not in leads:
        row.refuse("mql_id", _("is not in %(file)s.") % {"file": LEADS})
    for column in ("sdr_id", "business_segment", "lead_type", "lead_behaviour_profile"):
        if not row.values[column].strip():
            problems.append(Problem(f"win without {column}", CLOSED, row.line, win.key, column, "", "kept without it"))
    lead = leads.get(win.key)
    if lead and lead.first_contact_on and win.won_at and win.won_at.date() < lead.first_contact_on:
        done = f"kept as it is; first contact on {lead.first_contact_on}"
        problems.append(Problem("won before first contact", CLOSED, row.line, win.key, "won_date", str(win.won_at), done))
    return win
