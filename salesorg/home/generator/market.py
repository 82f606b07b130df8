"""Writes the market: accounts with addresses, contacts and activities; placements and coverage follow the patches."""

import uuid
from datetime import UTC, datetime, time, timedelta

from accounts.models import Account, Activity, Contact
from salesorg.lib.db import copy_rows
from salesorg.people.roles import Role
from territories.services import place

from . import words
from .rows import reserve


def names_there_are(accounts):
    """Different companies to choose from for so many accounts: each combination of words ten times, a million oftener."""
    combinations = len(words.COMPANY) * len(words.TRADE) * len(words.FORM)
    return combinations * max(10, -(-accounts // combinations))


class Market:
    """The accounts of every patch: `accounts` [(id, PatchShape)], `contacts` {account id: [contact ids]}."""

    def __init__(self, shape, structure, rng, start, today):
        self.shape, self.structure, self.rng, self.start, self.today = shape, structure, rng, start, today
        patches = [shape.patches[i % len(shape.patches)] for i in range(shape.accounts)]
        self.accounts = list(zip(reserve(Account, shape.accounts), patches, strict=True))
        self.contacts = {}

    def moment(self, day):
        """Some moment of the working day, in UTC."""
        return datetime.combine(day, time(13 + self.rng.randrange(8), self.rng.randrange(60)), UTC)

    def write_accounts(self, won_by_account, left=()):
        """Accounts, A to C by what they have bought, customers when they have and have not `left`; a few belong to another."""
        columns = [
            "id", "name", "parent", "lifecycle", "tier", "is_key_account", "industry", "employees", "annual_revenue",
            "founded", "domain", "phone", "street", "postal_code", "city", "country", "latitude", "longitude", "opening_hours",
            "visit_minutes", "note", "created_at", "version",
        ]  # fmt: skip
        copy_rows(Account, columns, self._accounts(won_by_account, left), history=False)

    def _accounts(self, won, left):
        rng = self.rng
        trades, forms = list(words.TRADE), words.FORM
        numbers = rng.sample(range(names_there_are(len(self.accounts))), len(self.accounts))
        ranked = sorted(won.values(), reverse=True)
        edges = [ranked[len(ranked) // 10], ranked[len(ranked) // 3]] if ranked else []
        cities = {patch.name: self._cities(patch) for patch in self.shape.patches}
        for i, ((pk, patch), number) in enumerate(zip(self.accounts, numbers, strict=True)):
            first, rest = words.COMPANY[number % len(words.COMPANY)], number // len(words.COMPANY)
            trade, rest = trades[rest % len(trades)], rest // len(trades)
            form, branch = forms[rest % len(forms)], rest // len(forms)
            city, _state, code, latitude, longitude = rng.choice(cities[patch.name])
            name = f"{first} {trade} {form}".strip() + (f" {city}" if branch else "")
            bought = won.get(pk)
            tier = "new" if bought is None else "A" if bought >= edges[0] else "B" if bought >= edges[1] else "C"
            parent = self.accounts[i - rng.randrange(1, min(i, 50) + 1)][0] if i > 20 and i % 23 == 0 else None
            people = int(rng.lognormvariate(4.3, 1.1)) + 3
            yield (
                pk, name, parent, "prospect" if bought is None else "former" if pk in left else "customer",
                tier, tier == "A" and i % 3 == 0,
                words.TRADE[trade], people, people * rng.randrange(80, 260) * 1000, rng.randrange(1948, self.today.year - 2),
                f"{first}{trade}{branch or ''}.example".lower().replace(" ", ""), self._phone(),
                f"{rng.randrange(1, 900)} {rng.choice(words.STREETS)}", f"{code + rng.randrange(40):05}", city, "United States",
                street_level(latitude + rng.uniform(-0.12, 0.12)), street_level(longitude + rng.uniform(-0.12, 0.12)),
                words.HOURS[i % len(words.HOURS)], 45 if i % 6 == 0 else None, "",
                self.moment(self.start - timedelta(days=rng.randrange(30, 400))), 1,
            )  # fmt: skip

    def _phone(self):
        return f"+1 {self.rng.randrange(201, 990)} 555 01{self.rng.randrange(100):02}"

    def _cities(self, patch):
        region = self._region_of(patch.team)
        places = words.CITIES.get(region) or [city for cities in words.CITIES.values() for city in cities]
        return [city for city in places if city[0] in patch.cities] or places

    def _region_of(self, team):
        """The part of the country in words.CITIES that a pod sells in: its own name or its region's."""
        parents = {each.key: each.parent for each in self.shape.teams}
        while team and team not in words.CITIES:
            team = parents[team]
        return team

    def write_contacts(self):
        columns = [
            "id",
            "account",
            "name",
            "position",
            "decision_role",
            "email",
            "phone",
            "do_not_contact",
            "created_at",
            "version",
        ]
        rng, positions = self.rng, list(words.POSITIONS)
        ids = reserve(Contact, self.shape.contacts)

        def rows():
            for i, pk in enumerate(ids):
                account, _patch = self.accounts[i] if i < len(self.accounts) else rng.choice(self.accounts)
                self.contacts.setdefault(account, []).append(pk)
                first, last, position = rng.choice(words.FIRST), rng.choice(words.LAST), rng.choice(positions)
                yield (
                    pk, account, f"{first} {last}", position, words.POSITIONS[position],
                    f"{first}.{last}.{pk}@mail.example".lower(), self._phone(), rng.random() < 0.02,
                    self.moment(self.start + timedelta(days=rng.randrange(30))), 1,
                )  # fmt: skip

        copy_rows(Contact, columns, rows(), history=False)

    def place(self, customers):
        """Every account into its patch, every customer into the book of the pod's CSM; coverage follows."""
        patches, books = self.structure.patches, self.structure.books
        place(
            force=self.structure.sales,
            territories={pk: patches[patch.name].pk for pk, patch in self.accounts},
            day=self.start,
            reason="by the city of its address",
            actor=None,
        )
        territories = {pk: books[patch.team].pk for pk, patch in self.accounts if pk in customers and patch.team in books}
        place(force=self.structure.success, territories=territories, day=self.start, reason="a customer of the pod", actor=None)

    def write_activities(self, on_account):
        """What was done and is planned at the accounts; `on_account` {account id: [days]} makes busy accounts busier."""
        columns = [
            "id", "client_id", "account", "contact", "user", "kind", "subject", "note", "outcome", "due_on", "done_at",
            "created_at",
        ]  # fmt: skip
        copy_rows(Activity, columns, self._activities(list(on_account)), history=False)

    def _activities(self, busy):
        rng, count = self.rng, self.shape.activities
        kinds = rng.choices(["visit", "call", "meeting", "email", "demo", "note"], [30, 30, 12, 15, 6, 7], k=count)
        outcomes = rng.choices(["well", "neutral", "badly", "not_there", ""], [40, 30, 8, 7, 15], k=count)
        patch_of = dict(self.accounts)
        everywhere = [pk for pk, _patch in self.accounts]
        leads = {patch.name: self._leads(patch) for patch in self.shape.patches}
        helpers = {
            team.key: [user for role in (Role.CSM, Role.SDR_OUTBOUND) for user in self.structure.of_team(team.key, role)]
            for team in self.shape.teams
        }
        days = (self.today - self.start).days
        for pk, kind, outcome in zip(reserve(Activity, count), kinds, outcomes, strict=True):
            account = rng.choice(busy if busy and rng.random() < 0.6 else everywhere)
            patch = patch_of[account]
            planned = kind in {"visit", "call", "meeting", "demo"} and rng.random() < 0.05
            day = (
                self.today + timedelta(days=rng.randrange(-4, 14))
                if planned
                else self.start + timedelta(days=rng.randrange(days))
            )
            user = self._lead_on(leads[patch.name], day)
            if not planned and helpers[patch.team] and rng.random() < 0.2:
                user = rng.choice(helpers[patch.team]).pk
            contacts = self.contacts.get(account)
            done = None if planned else self.moment(day)
            yield (
                pk, uuid.UUID(int=rng.getrandbits(128), version=4), account, rng.choice(contacts) if contacts else None, user,
                kind, rng.choice(words.SUBJECTS[kind]), "", "" if planned else outcome, day if planned else None, done,
                done or self.moment(self.today - timedelta(days=5)),
            )  # fmt: skip

    def _leads(self, patch):
        return [(self.structure.people[key].pk, until) for key, until in patch.leads]

    @staticmethod
    def _lead_on(leads, day):
        return next(user for user, until in leads if until is None or day < until)

    def lead_of(self, patch, day):
        """The id of the person who leads the patch on `day`."""
        return self._lead_on(self._leads(patch), day)


def street_level(degrees):
    """Coordinates to about ten metres: more would be invented precision."""
    return float(f"{degrees:.4f}")
