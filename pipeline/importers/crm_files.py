"""The four files of a CRM export (accounts, sales teams, products, sales pipeline) as plain values. No database."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property

from babel import Locale
from django.utils.text import slugify
from django.utils.translation import gettext as _

from salesorg.lib.validators import LARGEST_AMOUNT

from .problems import Problem
from .reading import Refusals, once_each, read_table

ACCOUNTS, TEAMS, PRODUCTS, DEALS = "accounts.csv", "sales_teams.csv", "products.csv", "sales_pipeline.csv"
MILLION = 1_000_000  # accounts.csv states revenue in millions
STAGES = ("Prospecting", "Engaging", "Won", "Lost")
CLOSED = ("Won", "Lost")
COUNTRIES = sorted(Locale("en").territories.values())
# Words people use for industries: only to notice a misspelling, never to replace what is written.
INDUSTRIES = [
    "agriculture", "automotive", "banking", "chemicals", "construction", "consulting", "education", "employment",
    "energy", "engineering", "entertainment", "finance", "food", "government", "healthcare", "hospitality", "insurance",
    "legal", "logistics", "manufacturing", "marketing", "media", "medical", "mining", "pharmaceuticals", "publishing",
    "retail", "services", "software", "technology", "telecommunications", "transport", "travel", "utilities",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Agent:
    name: str
    manager: str
    office: str


@dataclass(frozen=True, slots=True)
class AccountFacts:
    name: str
    industry: str = ""
    founded: int | None = None
    annual_revenue: Decimal | None = None
    employees: int | None = None
    country: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class ProductFacts:
    name: str
    series: str
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class DealFacts:
    key: str
    line: int
    agent: str
    product: str
    account: str
    stage: str
    engaged_on: date | None
    closed_on: date | None
    value: Decimal | None


@dataclass
class CrmFiles:
    """What the files say, by name, and what is odd about it."""

    agents: dict
    accounts: dict
    products: dict
    deals: dict
    problems: list = field(default_factory=list)

    @cached_property
    def first_day(self):
        """The first day any deal names."""
        return min(self._days())

    @cached_property
    def last_day(self):
        """The last day any deal names: the day the files describe."""
        return max(self._days())

    def _days(self):
        return [day for deal in self.deals.values() for day in (deal.engaged_on, deal.closed_on) if day]

    @property
    def size(self):
        return len(self.agents) + len(self.accounts) + len(self.products) + len(self.deals)

    def won_values(self):
        """{account: {agent: total won there}} for the deals that name an account."""
        totals = defaultdict(lambda: defaultdict(Decimal))
        for deal in self.deals.values():
            if deal.stage == "Won" and deal.account:
                totals[deal.account][deal.agent] += deal.value or 0
        return totals


def read(folder):
    """The files in `folder` as CrmFiles. Raises DomainError naming file, line and field of everything that is refused."""
    refusals, problems = Refusals(), []
    agents = _read(folder, TEAMS, ("sales_agent", "manager", "regional_office"), _agent, refusals, problems)
    accounts = _read(
        folder,
        ACCOUNTS,
        ("account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of"),
        _account,
        refusals,
        problems,
    )
    products = _read(folder, PRODUCTS, ("product", "series", "sales_price"), _product, refusals, problems)
    refusals.raise_any()  # without them every deal would name an unknown agent
    columns = ("opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date", "close_date", "close_value")
    deals = _read(
        folder, DEALS, columns, lambda row, problems: _deal(row, agents, accounts, products, problems), refusals, problems
    )
    _refuse_shared_addresses(agents, refusals)
    refusals.raise_any()
    files = CrmFiles(agents, accounts, products, deals, problems)
    if not files._days():
        refusals.add(_("%(file)s: no deal has a date, so nothing says when the export was made.") % {"file": DEALS})
    _add_missing_parents(files)
    _refuse_circles(accounts, refusals)
    refusals.raise_any()
    _report_agents_without_deals(files)
    return files


def _read(folder, name, columns, parse, refusals, problems):
    rows = [(row, parse(row, problems)) for row in read_table(folder, name, columns, refusals)]
    records, repeated = once_each(rows, columns[0], refusals)
    for row in repeated:
        problems.append(
            Problem("repeated line", name, row.line, row.values[columns[0]], columns[0], row.values[columns[0]], "counted once")
        )
    return records


def _agent(row, problems):
    return Agent(
        name=row.text("sales_agent", limit=80, required=True),
        manager=row.text("manager", limit=80, required=True),
        office=row.text("regional_office", limit=100, required=True),
    )


def _account(row, problems):
    revenue = row.amount("revenue", largest=LARGEST_AMOUNT / MILLION)
    account = AccountFacts(
        name=row.text("account", limit=200, required=True),
        industry=row.text("sector", limit=100),
        founded=row.whole("year_established", smallest=1000, largest=2200),
        annual_revenue=None if revenue is None else revenue * MILLION,
        employees=row.whole("employees"),
        country=row.text("office_location", limit=100),
        parent=row.text("subsidiary_of", limit=200),
    )

    def odd(kind, field, value, guess):
        done = _("kept as it is written") + (_("; perhaps “%(guess)s” is meant") % {"guess": guess[0]} if guess else "")
        problems.append(Problem(kind, ACCOUNTS, row.line, account.name, field, value, done))

    if account.industry.lower() not in INDUSTRIES and (guess := get_close_matches(account.industry.lower(), INDUSTRIES, 1, 0.8)):
        odd("industry looks misspelt", "sector", account.industry, guess)
    if account.country and account.country not in COUNTRIES:
        odd("unknown country", "office_location", account.country, get_close_matches(account.country, COUNTRIES, 1, 0.8))
    return account


def _product(row, problems):
    return ProductFacts(
        name=row.text("product", limit=200, required=True), series=row.text("series", limit=100), price=row.amount("sales_price")
    )


def _deal(row, agents, accounts, products, problems):
    deal = DealFacts(
        key=row.text("opportunity_id", limit=100, required=True),
        line=row.line,
        agent=row.text("sales_agent", limit=80, required=True),
        product=row.text("product", limit=200),
        account=row.text("account", limit=200),
        stage=row.choice("deal_stage", STAGES),
        engaged_on=row.day("engage_date"),
        closed_on=row.day("close_date"),
        value=row.amount("close_value"),
    )
    if deal.agent and deal.agent not in agents:
        row.refuse("sales_agent", _("is not in %(file)s.") % {"file": TEAMS})

    def odd(kind, field, value, done):
        problems.append(Problem(kind, DEALS, row.line, deal.key, field, value, done))

    closed = deal.stage in CLOSED
    if not deal.account:
        odd("deal without account", "account", "", "kept; owes its account")
    elif deal.account not in accounts:
        odd("unknown account", "account", deal.account, "kept as an account of its own, as it is written")
    if deal.product and deal.product not in products:
        guess = get_close_matches(deal.product, products, 1, 0.8)
        done = "kept as a product of its own without a price" + (f"; perhaps “{guess[0]}” is meant" if guess else "")
        odd("unknown product", "product", deal.product, done)
    if not closed and deal.closed_on is None and deal.value is None:
        odd("open deal without close date and value", "close_date", "", "kept; owes its close date and its amount")
    else:
        if deal.closed_on is None:
            odd("deal without close date", "close_date", "", "kept; owes its close date")
        if deal.value is None:
            odd("deal without value", "close_value", "", "kept; owes its amount")
    if deal.engaged_on is None and deal.stage != "Prospecting":
        odd("deal without engage date", "engage_date", "", "kept; its past begins with the day it closed or was exported")
    if deal.engaged_on and deal.closed_on and deal.closed_on < deal.engaged_on:
        odd("closed before engaged", "close_date", str(deal.closed_on), "kept; its past begins with the close date")
    return deal


def email_of(name):
    """The sign-in address made from a person's name: "Mei-Mei Johns" → mei-mei.johns@crm.example."""
    return ".".join(filter(None, map(slugify, name.split()))) + "@crm.example"


def _refuse_shared_addresses(agents, refusals):
    people = sorted({name for agent in agents.values() for name in (agent.name, agent.manager) if name})
    taken = {}
    for name in people:
        address = email_of(name)
        words = {"file": TEAMS, "name": name, "address": address, "other": taken.get(address)}
        if address.startswith("@"):
            refusals.add(_("%(file)s: no e-mail address can be made from the name “%(name)s”.") % words)
        elif address in taken:
            refusals.add(_("%(file)s: “%(name)s” and “%(other)s” would both sign in as %(address)s.") % words)
        taken[address] = name


def _add_missing_parents(files):
    """Accounts that are only named elsewhere (as a parent or by a deal) exist by their name alone."""
    for account in list(files.accounts.values()):
        if account.parent and account.parent not in files.accounts:
            files.accounts[account.parent] = AccountFacts(account.parent)
            done = "kept as an account of its own, as it is written"
            files.problems.append(Problem("unknown account", ACCOUNTS, None, account.name, "subsidiary_of", account.parent, done))
    for deal in files.deals.values():
        if deal.account and deal.account not in files.accounts:
            files.accounts[deal.account] = AccountFacts(deal.account)


def _refuse_circles(accounts, refusals):
    for name in accounts:
        seen, at = {name}, accounts[name].parent
        while at and at in accounts and at not in seen:
            seen.add(at)
            at = accounts[at].parent
        if at == name:
            words = {"file": ACCOUNTS, "name": name}
            refusals.add(_("%(file)s, subsidiary_of: “%(name)s” is, by way of others, its own subsidiary.") % words)


def _report_agents_without_deals(files):
    busy = {deal.agent for deal in files.deals.values()}
    for agent in files.agents.values():
        if agent.name not in busy:
            files.problems.append(
                Problem(
                    "agent without deals", TEAMS, None, agent.name, "sales_agent", agent.name, "kept; has a seat and no deals"
                )
            )
