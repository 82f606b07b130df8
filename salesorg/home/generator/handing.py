"""Writes how deals pass from role to role: handoffs in every state, exit criteria of the stages, and what was ticked."""

import json
from datetime import timedelta

from pipeline.models import Criterion, DealMember, Handoff, Status, Tick
from pipeline.services.handoffs import REMIND_AFTER
from pipeline.services.packages import stored_package
from salesorg.lib.db import copy_rows
from salesorg.lib.working_time import Calendar, WorkingWeek, due
from salesorg.people.roles import Role
from salesorg.people.working import USUAL

from . import words
from .deals import DEAL, MEMBER, OFFERED_FOR
from .rows import span

HANDOFF = [
    "deal", "status_then", "giver", "giver_role", "taker", "taker_role", "package", "answers", "state", "is_silent",
    "offered_at", "waiting_since", "remind_at", "decide_by", "reminded_at", "escalated_at", "decided_at", "decided_by",
    "decide_time", "reason", "note", "contact_by", "contact_at", "contact_time", "challenged_at", "challenge", "judged_at",
    "churned_on", "version",
]  # fmt: skip
STATUS, STAGE, ACCOUNT, OWNER, OPENED, CLOSED, SINCE = (
    DEAL.index(name) for name in ("status", "stage", "account", "owner", "opened_on", "close_date", "stage_since")
)
NOTHING_YET = dict.fromkeys(HANDOFF) | {"reason": "", "note": "", "challenge": "", "is_silent": False, "version": 1}
FOUND_BY_SDR = 0.7  # of the handoffs that are decided; the others are customers that pass to customer success
GIVEN_BACK, WITHDRAWN, CHALLENGED, DISQUALIFIED = 0.2, 0.04, 0.02, 0.03  # the shares of those that are decided
SETTLED = timedelta(days=20)  # after so long an offer is answered, and a challenge of it judged
TICKED = 0.6  # the share of open deals for which the stage they are in is ticked already


class Handing:
    """Handoffs of the Deals: from the SDR who found them, and of customers to the CSM of the pod."""

    def __init__(self, market, deals):
        self.market, self.deals, self.rng, self.today = market, deals, market.rng, market.today
        self.calendar = Calendar(WorkingWeek(USUAL, market.shape.time_zone))
        self.sdrs, self.patch_of = market.structure.sdrs(), dict(market.accounts)
        self.role_of = market.structure.role_of
        self.rows, self.members, self._packages = [], [], {}

    def write(self):
        """Copy everything. Returns how many handoffs there are."""
        self._criteria()
        wanted = self.market.shape.handoffs
        accepted = [row for row in self.deals.rows if row[OPENED] < self.today - SETTLED and self.sdrs[self._team(row)]]
        for row in self.deals.rows:
            if row[0] in self.deals.offered:
                self._found(row, row[OWNER], waits=True)
        for row in self.rng.sample(accepted, min(int(wanted * FOUND_BY_SDR), len(accepted))):
            self._found(row, self.rng.choice(self.sdrs[self._team(row)]), waits=False)
        sold = [row for row in self.deals.rows if row[STATUS] == Status.WON and self._is_sold(row)]
        for row in self.rng.sample(sold, min(int(wanted * (1 - FOUND_BY_SDR)), len(sold))):
            self._sold(row)
        copy_rows(Handoff, HANDOFF, ([row[name] for name in HANDOFF] for row in self.rows), history=False)
        copy_rows(DealMember, MEMBER, self.members, history=False)
        return len(self.rows)

    def _team(self, row):
        return self.patch_of[row[ACCOUNT]].team

    def _success(self, row):
        found = self.market.structure.of_team(self._team(row), Role.CSM)
        return found[0].pk if found else None

    def _is_sold(self, row):
        """Whether its customer may pass on: lately, and is waited for, or long enough ago for all that comes of it."""
        lately, settled = self.today - OFFERED_FOR, self.today - SETTLED
        return self._success(row) is not None and not settled <= row[CLOSED] <= lately

    def _found(self, row, sdr, *, waits):
        """An SDR offered the deal to whoever leads the patch on the day it was opened, and stays on it."""
        opened = row[OPENED]
        taker = self.market.lead_of(self.patch_of[row[ACCOUNT]], opened)
        package = {"budget": "Released for this year", "authority": "Met twice", "need": self.rng.choice(words.REQUESTS)}
        package["timing"] = (opened + timedelta(days=60)).isoformat()
        facts = {"deal": row[0], "status_then": Status.OPEN, "giver": sdr, "taker": taker}
        self._hand(facts, Role.AE, package, self.market.moment(opened), waits=waits)
        if not waits:
            self.members.append((row[0], sdr, int(self.role_of[sdr]), 0, 0, span(opened, None)))

    def _sold(self, row):
        """The seller offered the customer to customer success on the day the deal was won."""
        sold = row[CLOSED]
        package = {"promised": "Two operators trained", "success": "Half the set-up time", "contact": "The plant manager"}
        package["start_on"] = (sold + timedelta(days=14)).isoformat()
        facts = {"deal": row[0], "status_then": Status.WON, "giver": row[OWNER], "taker": self._success(row)}
        made = self._hand(facts, Role.CSM, package, self.market.moment(sold), waits=sold > self.today - OFFERED_FOR)
        if made["state"] == "accepted" and sold < self.today - timedelta(days=60) and self.rng.random() < 0.04:
            made["churned_on"] = sold + timedelta(days=self.rng.randrange(30, 60))

    def _hand(self, facts, role, answers, offered, *, waits):
        """Append a handoff, decided unless it `waits`."""
        giver_role = self.role_of[facts["giver"]]
        version = self._package(giver_role, role)
        made = NOTHING_YET | facts | {
            "giver_role": int(giver_role), "taker_role": int(role), "package": version.pk, "answers": json.dumps(answers),
            "state": "offered", "offered_at": offered, "waiting_since": offered,
            "remind_at": self._after(offered, version.decide_hours * REMIND_AFTER),
            "decide_by": self._after(offered, version.decide_hours),
        }  # fmt: skip
        if not waits:
            self._decide(made, version)
        self.rows.append(made)
        return made

    def _package(self, giver_role, taker_role):
        key = (giver_role, taker_role)
        if key not in self._packages:
            self._packages[key] = stored_package(giver_role, taker_role)
        return self._packages[key]

    def _after(self, moment, hours):
        return due(self.calendar, moment, timedelta(hours=hours))

    def _decide(self, made, version):
        rng, took = self.rng, timedelta(minutes=self.rng.randrange(10, 60 * 40))
        decided = due(self.calendar, made["offered_at"], took)
        made |= {"decided_at": decided, "decided_by": made["taker"], "decide_time": f"{took.seconds + took.days * 86_400} s"}
        chance = rng.random()
        if chance < GIVEN_BACK:
            made |= {"state": "returned", "reason": rng.choice(version.reasons)}
            return
        if chance < GIVEN_BACK + WITHDRAWN:
            made |= {"state": "withdrawn", "decided_by": made["giver"], "decide_time": None}
            return
        made |= {"state": "accepted", "contact_by": self._after(decided, version.contact_hours)}
        if rng.random() < 0.9:
            called = timedelta(minutes=rng.randrange(5, 60 * 8))
            made |= {"contact_at": due(self.calendar, decided, called), "contact_time": f"{called.seconds} s"}
        if chance > 1 - CHALLENGED - DISQUALIFIED:
            made |= {"state": "challenged", "challenge": "They only compare prices", "challenged_at": decided + timedelta(days=3)}
        if chance > 1 - DISQUALIFIED:
            made |= {"state": "disqualified", "judged_at": decided + timedelta(days=6)}

    def _criteria(self):
        """Each open stage asks for something; an open deal has it ticked for the stages that it left."""
        asked = {
            stage.position: [
                Criterion.objects.create(stage=stage, kind=kind, value=value, position=i)
                for i, (kind, value) in enumerate(words.CRITERIA.get(stage.name, ()))
            ]
            for stage in self.deals.stages
        }
        position = {stage.pk: stage.position for stage in self.deals.stages}

        def ticks():
            for row in self.deals.rows:
                if row[STATUS] == Status.OPEN:
                    until = position[row[STAGE]] + (self.rng.random() < TICKED)
                    for each in (each for at in range(until) for each in asked[at] if each.kind == "check"):
                        yield row[0], each.pk, row[OWNER], row[SINCE]

        copy_rows(Tick, ["deal", "criterion", "user", "at"], ticks(), history=False)
