"""Writes leads: those that became deals point at them; the latest wait for an answer, and their clock runs."""

from datetime import UTC, datetime, time, timedelta

from pipeline.models import Arrival, FitRule, Lead, Source
from salesorg.lib.db import copy_rows
from salesorg.lib.working_time import Calendar, WorkingWeek, due
from salesorg.people.working import USUAL

from . import words
from .deals import DEAL
from .rows import reserve

LEAD = [
    "id", "account", "source", "landing_page", "first_contact_on", "sdr", "seller", "outcome", "decided_on", "deal", "segment",
    "lead_type", "behaviour_profile", "respond_by", "responded_at", "escalated_at", "rule", "rule_words", "created_at", "version",
]  # fmt: skip
ARRIVAL = [
    "lead", "path", "source", "landing_page", "at", "company", "person", "email", "phone", "request", "consent", "warning",
]  # fmt: skip
OPENED, ACCOUNT, OWNER = (DEAL.index(name) for name in ("opened_on", "account", "owner"))
PAGE = "/start"
UNDECIDED = 20  # days for which a lead stays open
FRESH = 2  # days within which most have not been answered
NOBODYS = 0.08  # the share of open leads that nobody works


class Leads:
    """Leads of the accounts of a Market, some of which became its Deals."""

    def __init__(self, market, deals):
        self.market, self.shape, self.rng, self.today = market, market.shape, market.rng, market.today
        self.calendar = Calendar(WorkingWeek(USUAL, self.shape.time_zone))
        self.sources = [Source(name=name) for name in words.SOURCES]
        if self.shape.hands_over:
            for source in self.sources:
                source.answer_minutes = words.CLOCKS[source.name]
            FitRule.objects.bulk_create(
                FitRule(field=field, test=test, value=value, points=points) for field, test, value, points in words.FIT
            )
        Source.objects.bulk_create(self.sources)
        self.sdrs = market.structure.sdrs()
        self.patch_of = dict(market.accounts)
        became = [row for row in deals.rows if row[OPENED] < self.today - timedelta(days=UNDECIDED)]
        self.became = iter(self.rng.sample(became, min(self.shape.leads, len(became))))

    def write(self):
        """Copy the leads, and what was asked with each."""
        rows = [self._lead(pk) for pk in reserve(Lead, self.shape.leads)]
        copy_rows(Lead, LEAD, rows, history=False)
        if self.shape.hands_over:
            copy_rows(Arrival, ARRIVAL, (self._arrival(row) for row in rows), history=False)

    def _lead(self, pk):
        rng, market = self.rng, self.market
        account, patch = rng.choice(market.accounts)
        day = self.today - timedelta(days=1 + int(((self.today - market.start).days - 1) * rng.random() ** 3))
        seller = decided = deal = None
        outcome = "open" if (self.today - day).days < UNDECIDED else rng.choice(["qualified", "disqualified", "disqualified"])
        if outcome == "qualified" and (found := next(self.became, None)):
            deal, account, decided, seller = found[0], found[ACCOUNT], found[OPENED], found[OWNER]
            day, patch = decided - timedelta(days=rng.randrange(1, 15)), self.patch_of[account]
        elif outcome != "open":
            outcome, decided = "disqualified", min(day + timedelta(days=rng.randrange(1, 15)), self.today)
        sdr, source = rng.choice(self.sdrs[patch.team] or [None]), rng.choice(self.sources)
        if self.shape.hands_over and outcome == "open" and rng.random() < NOBODYS:
            sdr = None
        rule = ("nobody" if sdr is None else "coverage", "") if self.shape.hands_over else ("", "")
        came = market.moment(day)
        return (
            pk, account, source.pk, PAGE, day, sdr, seller, outcome, decided, deal, "", "", "",
            *self._clock(source, came, outcome), *rule, came, 1,
        )  # fmt: skip

    def _clock(self, source, came, outcome):
        """(answer due, answered, escalated) of a lead that came at that moment."""
        if source.answer_minutes is None:
            return None, None, None
        until = due(self.calendar, came, timedelta(minutes=source.answer_minutes))
        waits = 0.7 if (self.today - came.date()).days <= FRESH else 0.1
        if outcome == "open" and self.rng.random() < waits:
            told = until if until < datetime.combine(self.today, time(0), UTC) else None
            return until, None, told
        return until, due(self.calendar, came, timedelta(minutes=self.rng.randrange(5, 300))), None

    def _arrival(self, row):
        rng = self.rng
        first, last = rng.choice(words.FIRST), rng.choice(words.LAST)
        address = f"{first}.{last}.{row[0]}@mail.example".lower()
        source, came = row[2], row[-2]
        return row[0], "form", source, PAGE, came, "", f"{first} {last}", address, "", rng.choice(words.REQUESTS), "", ""
