"""A small made-up CRM export in the format of the real one, and what a reader with a pencil finds in either."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import ceil
from pathlib import Path

ACCOUNTS = """account,sector,year_established,revenue,employees,office_location,subsidiary_of
Rivet,technolgy,1996,1100.04,2822,United States,
Umbra,retail,2001,4.5,30,Philipines,Rivet
Stadtwerke und Verkehrsbetriebe Obernburg-Neuenkirchen,services,1954,310.2,1940,Germany,
Tidal Bank,finance,1988,812.7,6100,United States,
Quarry Nine,employment,2009,12,85,Kenya,
Blue Heron Clinics,medical,1972,95.6,740,United States,
Pine & Oak,retail,2011,33.3,210,Norway,
Larkspur,software,2015,21.8,160,United States,
"""
TEAMS = """sales_agent,manager,regional_office
Ann Lee,Max Boss,Central
Bob Ray,Max Boss,Central
Cid Fox,Eve Head,East
Dee Oak,Eve Head,East
Idle Ida,Eve Head,East
"""
PRODUCTS = """product,series,sales_price
GTX Pro,GTX,4821
MG Advanced,MG,3393
MG Special,MG,55
"""
LONG = "Stadtwerke und Verkehrsbetriebe Obernburg-Neuenkirchen"
# (agent, product, account, stage, engaged on, closed on, value): among them a product that no list names, open deals without
# account, and open deals without value and close date.
DEALS = [
    ("Ann Lee", "GTXPro", "Rivet", "Won", "2017-01-12", "2017-03-02", "4514"),
    ("Ann Lee", "MG Advanced", "Rivet", "Won", "2017-01-20", "2017-03-17", "3310"),
    ("Ann Lee", "GTX Pro", LONG, "Won", "2017-02-01", "2017-03-29", "5120"),
    ("Ann Lee", "MG Special", LONG, "Won", "2017-02-01", "2017-04-06", "55.50"),
    ("Ann Lee", "GTX Pro", "Rivet", "Won", "2017-02-14", "2017-05-09", "4790"),
    ("Ann Lee", "MG Advanced", "Umbra", "Won", "2017-03-01", "2017-05-31", "3405"),
    ("Bob Ray", "GTXPro", "Tidal Bank", "Won", "2017-01-05", "2017-03-08", "4650"),
    ("Bob Ray", "MG Special", "Tidal Bank", "Won", "2017-01-30", "2017-04-12", "61"),
    ("Bob Ray", "MG Advanced", "Rivet", "Won", "2017-02-11", "2017-04-20", "3398"),
    ("Bob Ray", "MG Advanced", "Tidal Bank", "Won", "2017-03-03", "2017-05-15", "3120"),
    ("Cid Fox", "GTX Pro", "Blue Heron Clinics", "Won", "2017-01-09", "2017-03-21", "4980"),
    ("Cid Fox", "GTX Pro", "Blue Heron Clinics", "Won", "2017-01-19", "2017-04-03", "4700"),
    ("Cid Fox", "MG Advanced", "Quarry Nine", "Won", "2017-02-20", "2017-04-28", "3333"),
    ("Cid Fox", "MG Special", "Umbra", "Won", "2017-03-08", "2017-05-04", "49"),
    ("Dee Oak", "MG Advanced", "Pine & Oak", "Won", "2017-02-02", "2017-03-30", "3600"),
    ("Dee Oak", "GTX Pro", "Larkspur", "Won", "2017-02-22", "2017-05-22", "4444"),
    ("Dee Oak", "MG Special", "Larkspur", "Won", "2017-03-09", "2017-05-23", "52"),
    ("Ann Lee", "MG Special", "Umbra", "Lost", "2017-01-16", "2017-03-06", "0"),
    ("Ann Lee", "GTX Pro", "Tidal Bank", "Lost", "2017-02-07", "2017-04-19", "0"),
    ("Bob Ray", "GTX Pro", LONG, "Lost", "2017-01-25", "2017-03-13", "0"),
    ("Cid Fox", "MG Advanced", "Larkspur", "Lost", "2017-02-15", "2017-05-02", "0"),
    ("Dee Oak", "MG Advanced", "Quarry Nine", "Lost", "2017-03-06", "2017-05-11", "0"),
    ("Ann Lee", "GTX Pro", "Umbra", "Engaging", "2017-04-11", "", ""),
    ("Ann Lee", "MG Advanced", LONG, "Engaging", "2017-05-03", "", ""),
    ("Ann Lee", "GTXPro", "", "Engaging", "2017-05-16", "", ""),
    ("Bob Ray", "MG Special", "Tidal Bank", "Engaging", "2017-05-19", "", ""),
    ("Bob Ray", "GTX Pro", "", "Engaging", "2017-05-24", "", ""),
    ("Cid Fox", "GTX Pro", "Blue Heron Clinics", "Engaging", "2017-04-27", "", ""),
    ("Cid Fox", "MG Advanced", "", "Engaging", "2017-05-12", "", ""),
    ("Dee Oak", "MG Special", "Larkspur", "Engaging", "2017-05-18", "", ""),
    ("Ann Lee", "GTX Pro", LONG, "Prospecting", "", "", ""),
    ("Ann Lee", "MG Advanced", "Umbra", "Prospecting", "", "", ""),
    ("Ann Lee", "MG Special", "", "Prospecting", "", "", ""),
    ("Bob Ray", "GTX Pro", "Tidal Bank", "Prospecting", "", "", ""),
    ("Cid Fox", "GTX Pro", "", "Prospecting", "", "", ""),
    ("Cid Fox", "MG Special", "Quarry Nine", "Prospecting", "", "", ""),
    ("Dee Oak", "MG Advanced", "Pine & Oak", "Prospecting", "", "", ""),
    ("Dee Oak", "GTX Pro", "", "Prospecting", "", "", ""),
]
DEAL_COLUMNS = ["opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date", "close_date", "close_value"]
OPEN = ("Prospecting", "Engaging")


def write_made_up_export(folder):
    """Write the four files into `folder` and return it."""
    for name, text in (("accounts", ACCOUNTS), ("sales_teams", TEAMS), ("products", PRODUCTS)):
        Path(folder, f"{name}.csv").write_text(text, encoding="utf-8")
    with Path(folder, "sales_pipeline.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(DEAL_COLUMNS)
        for number, (agent, product, *rest) in enumerate(DEALS, 1):
            writer.writerow([f"D{number:03}", agent, product, *rest])
    return folder


@dataclass(frozen=True)
class Players:
    """Names, chosen from the files, of those the journey is about.

    `rep` covers `account` and has a prospecting deal `deal`; `stranger` sells from another office under another manager and
    sees neither; when `account` passes to the stranger, nothing else lets the rep see it.
    """

    rep: str
    manager: str
    stranger: str
    account: str
    strangers_account: str
    deal: str
    strangers_deal: str


class Export:
    """The files of `folder`, read with the csv module alone: facts to hold against the pages."""

    def __init__(self, folder):
        self.teams = {row["sales_agent"]: row for row in self._read(folder, "sales_teams")}
        self.deals = self._read(folder, "sales_pipeline")

    def _read(self, folder, name):
        with Path(folder, f"{name}.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def of(self, agent, *stages):
        """The deals of `agent` in these stages."""
        return [row for row in self.deals if row["sales_agent"] == agent and row["deal_stage"] in stages]

    @cached_property
    def won(self):
        return [row for row in self.deals if row["deal_stage"] == "Won"]

    @cached_property
    def last_day(self):
        return max(row[column] for row in self.deals for column in ("engage_date", "close_date"))

    @cached_property
    def covered(self):
        """{account: the agent with the most won value there, the first by name of equals}."""
        totals = defaultdict(lambda: defaultdict(Decimal))
        for row in self.won:
            totals[row["account"]][row["sales_agent"]] += Decimal(row["close_value"])
        return {account: min(found, key=lambda agent: (-found[agent], agent)) for account, found in totals.items()}

    def accounts_of(self, agent):
        return {account for account, best in self.covered.items() if best == agent}

    @cached_property
    def months(self):
        """From the first month with a win to the last, as "2017-03"."""
        days = sorted(row["close_date"][:7] for row in self.won)
        first, last = (int(day[:4]) * 12 + int(day[5:]) - 1 for day in (days[0], days[-1]))
        return [f"{month // 12}-{month % 12 + 1:02}" for month in range(first, last + 1)]

    def won_in(self, agent, month):
        """The values `agent` won in `month`."""
        return [Decimal(row["close_value"]) for row in self.of(agent, "Won") if row["close_date"].startswith(month)]

    def quota(self, agent):
        """The mean monthly won value, rounded up to 1,000."""
        mean = sum(Decimal(row["close_value"]) for row in self.of(agent, "Won")) / len(self.months)
        return Decimal(ceil(mean / 1000) * 1000)

    def pay(self, agent, month):
        """5 % of what was won in `month` up to quota, 8 % of what lies above it."""
        won, quota = sum(self.won_in(agent, month)), self.quota(agent)
        return min(won, quota) * Decimal("0.05") + max(won - quota, 0) * Decimal("0.08")

    def best_month(self, agent):
        return max(self.months, key=lambda month: self.pay(agent, month))

    @cached_property
    def players(self):
        """The first Players, by name, that the files allow."""
        for account, rep in sorted(self.covered.items()):
            deal = next((row for row in self.of(rep, "Prospecting") if row["account"]), None)
            if deal is None or self._has_open_deal(rep, account):
                continue
            for stranger in sorted(self.teams):
                theirs = next((a for a in sorted(self.accounts_of(stranger)) if not self._has_open_deal(rep, a)), None)
                hidden = next((row for row in self.of(stranger, *OPEN) if not row["account"]), None)
                apart = all(self.teams[rep][key] != self.teams[stranger][key] for key in ("manager", "regional_office"))
                if apart and theirs and hidden and not self._has_open_deal(stranger, account):
                    manager = self.teams[rep]["manager"]
                    return Players(rep, manager, stranger, account, theirs, deal["opportunity_id"], hidden["opportunity_id"])
        raise AssertionError("The files hold nobody for this journey.")

    def _has_open_deal(self, agent, account):
        return any(row["account"] == account for row in self.of(agent, *OPEN))
