"""Writes what comes after the sale: contracts renewed, amended and given up, onboardings, tickets, answers, and health."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from random import Random

from pipeline.engine.terms import months_after
from pipeline.models import (
    Contract,
    ContractValue,
    CustomerFacts,
    Favour,
    Onboarding,
    OnboardingStep,
    Playbook,
    PlaybookStep,
    Survey,
    Ticket,
    TicketNote,
)
from pipeline.models.sources import new_token
from pipeline.services.customers import gather_customers, score_customers
from pipeline.services.tickets import HOURS
from salesorg.lib.db import copy_rows
from salesorg.lib.working_time import Calendar, WorkingWeek, due
from salesorg.people.roles import Role
from salesorg.people.working import USUAL

from . import words
from .deals import DEAL
from .rows import reserve, span

CONTRACT = [
    "id", "account", "deal", "renews", "name", "currency", "term", "during", "notice_days", "cancelled_on", "churn_reason",
    "churn_note", "created_at", "version",
]  # fmt: skip
VALUE = ["contract", "from_day", "total", "recurring", "reason", "deal", "made_by", "at"]
TICKET = [
    "id", "account", "contact", "kind", "invoice", "subject", "text", "priority", "state", "owner", "opened_at", "opened_by",
    "answer_by", "answered_at", "solved_at", "version",
]  # fmt: skip
SURVEY = ["account", "contact", "occasion", "onboarding", "token", "asked_at", "asked_by", "answered_at", "score", "words"]
ACCOUNT, OWNER, PRODUCT, AMOUNT, CLOSED, STATUS = (
    DEAL.index(name) for name in ("account", "owner", "name", "amount", "close_date", "status")
)
SEED = 12  # of its own: whoever adds something here changes no account and no deal
GIVEN_UP = 0.14  # the share of contracts that no other follows
CANCELLED = 0.7  # of those: by notice; the others are not talked about any more
NOTICE = timedelta(days=60)  # before the end, that it is given
STEPS = ((0, True, "Kick-off"), (7, True, "Operators trained"), (21, False, "Seller looks in"), (40, True, "Look back"))
LATE = 0.15  # the share of steps due that are not done
OPEN_TICKETS = 0.06
AT_ONCE = 1_000  # customers scored together


class Keeping:
    """Customers of the Deals: `left` holds the ids of those who have gone, before anything is written."""

    def __init__(self, market, deals):
        self.market, self.shape, self.deals = market, market.shape, deals
        self.today, self.rng = market.today, Random(SEED)
        self.patch_of = dict(market.accounts)
        self.calendar = Calendar(WorkingWeek(USUAL, self.shape.time_zone))
        self.contracts, self.values, self.left = [], [], set()
        won = defaultdict(list)
        for row in sorted((row for row in deals.rows if row[STATUS] == "won"), key=lambda row: (row[CLOSED], row[0])):
            won[row[ACCOUNT]].append(row)
        self.first = {account: rows[0] for account, rows in won.items()}
        wanted = sum(1 + (self.today - row[CLOSED]).days // 365 for row in self.first.values())
        self.keys = iter(reserve(Contract, wanted))
        for account, rows in won.items():
            self._contracts(account, rows)

    def _contracts(self, account, rows):
        """The first deal that was won makes the first contract; others amend the one in force; each is renewed or given up."""
        first, more, deal = rows[0], rows[1:], rows[0][0]
        start, worth, former = first[CLOSED], first[AMOUNT], None
        while start <= self.today:
            pk, until = next(self.keys), months_after(start, 12)
            given_up = self.rng.random() < GIVEN_UP
            cancelled = until - NOTICE if given_up and self.rng.random() < CANCELLED and until - NOTICE <= self.today else None
            reason, moment = self.rng.choice(self.deals.reasons), self._moment(start)
            self.contracts.append((
                pk, account, deal, former, first[PRODUCT], "USD", span(start, until), span(start, until), 60, cancelled,
                reason if cancelled else None, "", moment, 1,
            ))  # fmt: skip
            self.values.append((pk, start, worth, worth, "", None, first[OWNER], moment))
            while more and more[0][CLOSED] < until:
                bought, more = more[0], more[1:]
                worth += bought[AMOUNT]
                self.values.append((pk, bought[CLOSED], worth, worth, bought[PRODUCT], bought[0], bought[OWNER], moment))
            start, former, deal = until, pk, None
            worth = worth * self.rng.randrange(85, 118) // 100
            if given_up and until <= self.today:
                if not more:
                    self.left |= {account} if cancelled else set()
                    return
                bought, more = more[0], more[1:]  # and came back later
                start, worth, former, deal = bought[CLOSED], bought[AMOUNT], None, bought[0]

    def write(self):
        """Copy everything, and reckon what is known of each customer. Returns how many contracts there are."""
        copy_rows(Contract, CONTRACT, self.contracts, history=False)
        copy_rows(ContractValue, VALUE, self.values, history=False)
        self._onboardings()
        self._tickets()
        gather_customers(day=self.today)
        ids = list(CustomerFacts.objects.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), AT_ONCE):
            score_customers(day=self.today, accounts=ids[start : start + AT_ONCE])
        return len(self.contracts)

    def _moment(self, day):
        """Some moment of the working day, in UTC."""
        return datetime.combine(day, time(13 + self.rng.randrange(8), self.rng.randrange(60)), UTC)

    def _keeper(self, account):
        """Who looks after the customers of the account's pod; the seller where nobody does."""
        found = self.market.structure.of_team(self.patch_of[account].team, Role.CSM)
        return found[0].pk if found else self.first[account][OWNER]

    def _onboardings(self):
        """Of everybody who became a customer within a year; most of the older ones were asked how satisfied they are."""
        playbook = Playbook.objects.create(name="New customer", with_handoff=True)
        PlaybookStep.objects.bulk_create(
            PlaybookStep(playbook=playbook, name=name, day=day, is_required=required) for day, required, name in STEPS
        )
        fresh = [row for row in self.first.values() if row[CLOSED] > self.today - timedelta(days=365)]
        onboardings, steps, surveys, favours = [], [], [], []
        for pk, row in zip(reserve(Onboarding, len(fresh)), fresh, strict=True):
            account, start, keeper = row[ACCOUNT], row[CLOSED], self._keeper(row[ACCOUNT])
            old = start < self.today - timedelta(days=90)
            ended = start + timedelta(days=50) if old else None
            onboardings.append((pk, account, row[0], playbook.name, keeper, start, ended))
            for day, required, name in STEPS:
                on = start + timedelta(days=day)
                done = old or (on < self.today and self.rng.random() > LATE)
                closed = (min(on + timedelta(days=2), self.today), keeper) if done else (None, None)
                steps.append((pk, name, keeper, on, required, "done" if done else "open", *closed, ""))
            if old and self.rng.random() < 0.6:
                surveys.append(self._survey(pk, account, ended, keeper))
            if old and self.rng.random() < 0.1:
                favours.append((account, "referral", self.rng.choice(["asked", "given"]), ended, keeper, ""))
        copy_rows(Onboarding, ["id", "account", "deal", "name", "owner", "started_on", "ended_on"], onboardings, history=False)
        columns = ["onboarding", "name", "owner", "due_on", "is_required", "state", "closed_on", "closed_by", "reason"]
        copy_rows(OnboardingStep, columns, steps, history=False)
        copy_rows(Survey, SURVEY, surveys, history=False)
        copy_rows(Favour, ["account", "kind", "state", "asked_on", "asked_by", "where"], favours, history=False)

    def _survey(self, onboarding, account, day, keeper):
        asked, people = self._moment(day), self.market.contacts.get(account)
        answered = asked + timedelta(hours=5) if self.rng.random() < 0.5 else None
        score = self.rng.choice([3, 6, 7, 8, 8, 9, 9, 10]) if answered else None
        who = self.rng.choice(people) if people else None
        return account, who, "onboarding", onboarding, new_token(), asked, keeper, answered, score, ""

    def _tickets(self):
        """Of the customers, the most of late; nearly all are solved, and some of the others wait for nobody yet."""
        customers = list(self.first)
        tickets, notes = [], []
        for pk in reserve(Ticket, self.shape.tickets if customers else 0):
            account = self.rng.choice(customers)
            row, notice = self._ticket(pk, account)
            tickets.append(row)
            notes.extend(notice)
        copy_rows(Ticket, TICKET, tickets, history=False)
        copy_rows(TicketNote, ["ticket", "user", "at", "text", "is_answer"], notes, history=False)

    def _ticket(self, pk, account):
        rng, is_open = self.rng, self.rng.random() < OPEN_TICKETS
        day = self.today - timedelta(days=1 + (rng.randrange(7) if is_open else rng.randrange(400)))
        opened, priority = self._moment(day), rng.choice([1, 2, 2, 2, 3])
        kind = rng.choice(["question", "question", "fault", "dispute"])
        keeper, people = self._keeper(account), self.market.contacts.get(account)
        until = due(self.calendar, opened, timedelta(hours=HOURS[priority]))
        answered = None if is_open and rng.random() < 0.6 else opened + timedelta(minutes=rng.randrange(5, 600))
        owner = keeper if answered or rng.random() < 0.5 else None
        solved = None if is_open else answered + timedelta(hours=rng.randrange(1, 90))
        state = "solved" if solved else "waiting" if answered and rng.random() < 0.3 else "open"
        row = (
            pk, account, rng.choice(people) if people else None, kind, "2026-118" if kind == "dispute" else "",
            rng.choice(words.TICKETS[kind]), "", priority, state, owner, opened, keeper, until, answered, solved, 1,
        )  # fmt: skip
        notes = [(pk, keeper, answered, "Thank you for asking; here is what to do.", True)] if answered else []
        return row, notes
