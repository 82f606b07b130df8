"""Who asks for what: the pages and changes that are measured, on records that each person may see."""

import json
import random
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Contact
from commissions.models import Statement
from pipeline.models import CustomerFacts, Deal, Handoff, Lead, Order, Stage
from pipeline.services import Exits
from salesorg.audit.models import Change
from salesorg.lib.errors import DomainError
from salesorg.people.models import User, organisation
from salesorg.people.roles import Role

from .offers import offers
from .proposals import drafts
from .sprints import weeks

READ_TARGET, REVIEW_TARGET, WRITE_TARGET = 50, 200, 40  # milliseconds that 95 of 100 requests may take
QUERY_TARGET = 15  # a page
PAST = 200  # days: the past day that is looked at
RECORDS = 60  # different records per person, so that no single one is warm for all
SEARCHES = ["cedar log", "Grace", "555 01", "stone", "maple", "garnet medical", "ivan.rossi"]
SEED = 7
SPARE = 30  # offers with which queries are counted


@dataclass(frozen=True)
class Task:
    """One kind of request; `requests` are the (person, method, path, form) it is drawn from."""

    name: str
    target: int
    requests: list = field(default_factory=list)
    spare: list = field(default_factory=list)  # to count queries with, where a request has its effect only once


@dataclass(frozen=True)
class Receiver:
    """Somebody to whom deals are offered, with a signed-in session."""

    session: str


class Visitor:
    """A person with a signed-in session of their own, and what they may see."""

    def __init__(self, role):
        day = organisation().today()
        self.user = User.objects.working().with_role([role], day).order_by("pk").first()
        if self.user is None:
            raise DomainError(f"There is nobody with the role {role.label}. Run manage.py generate --size medium first.")
        self.session = signed_in(self.user)
        self.accounts = self._some(Account.objects.visible_to(self.user))
        self.contacts = self._some(Contact.objects.visible_to(self.user))
        self.deals = self._some(Deal.objects.visible_to(self.user).open())
        self.own_deals = self._some(Deal.objects.visible_to(self.user).open().filter(owner=self.user))
        self.leads = self._some(Lead.objects.visible_to(self.user).open())
        self.handoffs = self._some(Handoff.objects.visible_to(self.user))
        self.orders = self._some(Order.objects.visible_to(self.user))
        self.customers = self._some(CustomerFacts.objects.visible_to(self.user))
        self.statements = self._some(Statement.objects.visible_to(self.user))

    @staticmethod
    def _some(rows):
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[: RECORDS * 20])
        return random.Random(SEED).sample(keys, min(len(keys), RECORDS))


def signed_in(user):
    """The key of a new session of the person."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client.cookies["sessionid"].value


def workload(requests=0):
    """The Tasks over the generated data, each to be sent so often. Raises DomainError where real people work."""
    first = Account.objects.order_by("pk").values_list("pk", flat=True).first()
    if first is None or not Change.objects.filter(table="accounts_account", row_id=first, cause="generate").exists():
        raise DomainError(
            "This database was not made by manage.py generate. The benchmark logs visits and moves deals: not here."
        )
    rep, manager, operations = Visitor(Role.AE), Visitor(Role.MANAGER), Visitor(Role.OPERATIONS)
    everyone, leaders = [rep, manager, operations], [manager, operations]
    keepers = [Visitor(Role.CSM), *leaders]
    written = drafts(rep.user, rep.own_deals)
    weeks(manager.user)
    finders, past = [Visitor(Role.SDR_INBOUND), *leaders], f"?as_of={organisation().today() - timedelta(days=PAST)}"
    tasks = [
        _pages("Account list", everyone, lambda who: _lists("accounts:account_list", "?q=maple")),
        _pages("Account list with three filters", everyone, lambda who: _filtered("", "&q=maple", "&key=1")),
        _pages("Account", everyone, lambda who: [_url("accounts:account_detail", pk) for pk in who.accounts]),
        _pages("Account's deals (panel)", everyone, lambda who: [_url("pipeline:account_deals", pk) for pk in who.accounts]),
        _pages("History (panel)", everyone, lambda who: [_url("audit:history", "pipeline_deal", pk) for pk in who.deals]),
        _pages("Deal list", everyone, lambda who: _lists("pipeline:deal_list", "?status=won", "?status=open")),
        _pages("Board", everyone, lambda who: _lists("pipeline:board")),
        _pages("Board as of a past day", everyone, lambda who: [reverse("pipeline:board") + past]),
        _pages("Deal list as of a past day", everyone, lambda who: [reverse("pipeline:deal_list") + past]),
        _pages("The same with later corrections", everyone, lambda who: _corrected(past), REVIEW_TARGET),
        _pages("Deals compared with a past day", everyone, lambda who: _compared("pipeline:deal_list", past), REVIEW_TARGET),
        _pages("Board compared with a past day", everyone, lambda who: _compared("pipeline:board", past), REVIEW_TARGET),
        _pages("Deals that entered a stage", everyone, _entered, REVIEW_TARGET),
        _pages("Deal", everyone, lambda who: [_url("pipeline:deal_detail", pk) for pk in who.deals]),
        _pages("Pipeline review", leaders, lambda who: _lists("pipeline:review")),
        _pages("What changed, who needs help", leaders, lambda who: _lists("pipeline:review_week"), REVIEW_TARGET),
        _pages("Review by person and stage", leaders, lambda who: _lists("pipeline:review_people"), REVIEW_TARGET),
        _pages("Pipeline review as of a past day", leaders, lambda who: [reverse("pipeline:review") + past], REVIEW_TARGET),
        _pages("What changed", leaders, lambda who: _lists("pipeline:changes", "?days=month&period=all"), REVIEW_TARGET),
        _pages("Win rates", leaders, lambda who: _lists("pipeline:win_rates", "?by=team", "?by=competitor"), REVIEW_TARGET),
        _pages("Stage conversion", leaders, lambda who: _lists("pipeline:conversion", "?by=owner"), REVIEW_TARGET),
        _pages("Velocity", leaders, lambda who: _lists("pipeline:velocity", "?by=product"), REVIEW_TARGET),
        _pages("Coverage", leaders, lambda who: _lists("pipeline:coverage"), REVIEW_TARGET),
        _pages("Activity and results", leaders, lambda who: _lists("pipeline:effort"), REVIEW_TARGET),
        _pages("Plan the week", [rep], lambda who: _lists("pipeline:sprint_plan")),
        _pages("The week", [rep, manager], lambda who: _lists("pipeline:sprint")),
        _pages("Team call", leaders, lambda who: _lists("pipeline:sprint_call"), REVIEW_TARGET),
        _pages("Lead queue", finders, lambda who: _lists("pipeline:lead_queue", "?whose=free", "?whose=all")),
        _pages("Lead list", finders, lambda who: _lists("pipeline:lead_list", "?outcome=open", "?outcome=won")),
        _pages("Lead", finders, lambda who: [_url("pipeline:lead_detail", pk) for pk in who.leads]),
        _pages("Lead figures", finders, lambda who: _lists("pipeline:lead_figures"), REVIEW_TARGET),
        _pages("Handoff inbox", [*finders, rep], lambda who: _lists("pipeline:handoff_inbox")),
        _pages("Handoff", [*finders, rep], lambda who: [_url("pipeline:handoff_detail", pk) for pk in who.handoffs]),
        _pages("Hand a deal over (form)", [rep], lambda who: [_url("pipeline:handoff_new", pk) for pk in who.own_deals]),
        _pages("Leads as of a past day", finders, lambda who: _past_leads(past), REVIEW_TARGET),
        _pages("Handoffs as of a past day", everyone, lambda who: _past_handoffs(past), REVIEW_TARGET),
        _pages("Handoff figures", everyone, lambda who: _lists("pipeline:handoff_figures", "?by=roles"), REVIEW_TARGET),
        _pages("Book of customers", keepers, lambda who: _lists("pipeline:customer_list", "?health=poor", "?whose=all")),
        _pages("Health of a customer", keepers, lambda who: [_url("pipeline:customer_health", pk) for pk in who.customers]),
        _pages("Contracts", keepers, lambda who: _lists("pipeline:contract_list", "?state=due", "?state=given_up")),
        _pages("Retention", keepers, lambda who: _lists("pipeline:retention"), REVIEW_TARGET),
        _pages("Onboarding", keepers, lambda who: _lists("pipeline:onboarding_list", "?whose=mine")),
        _pages("Tickets", keepers, lambda who: _lists("pipeline:ticket_list", "?whose=mine", "?whose=all", "?whose=solved")),
        _pages("Onboarding steps due (panel)", keepers, lambda who: _lists("pipeline:steps_due")),
        _pages("Waiting for me (panel)", [*keepers, rep], lambda who: _lists("pipeline:waiting_for_me")),
        _pages("Order list", everyone, lambda who: _lists("pipeline:order_list", "?state=open")),
        _pages("Order", everyone, lambda who: [_url("pipeline:order_detail", pk) for pk in who.orders]),
        _pages("Deliveries (panel)", everyone, lambda who: [_url("pipeline:order_afterwards", pk) for pk in who.orders]),
        _pages("Take an order (form)", [rep], lambda who: [_url("pipeline:order_new") + f"?account={pk}" for pk in who.accounts]),
        _pages("Invoices", everyone, lambda who: _lists("pipeline:invoice_list", "?state=open")),
        _pages("Search", everyone, lambda who: [_url("home:search") + f"?q={text.replace(' ', '+')}" for text in SEARCHES]),
        _pages("Today", everyone, lambda who: _lists("home:today")),
        _pages("Brief before a visit", everyone, lambda who: [_url("home:account_brief", pk) for pk in who.accounts]),
        _pages("Calendar", everyone, lambda who: _lists("accounts:calendar", "?by=day")),
        _pages("Not visited", everyone, lambda who: _lists("accounts:not_visited_list", "?whose=all", "?days=60")),
        _pages("Activity list", everyone, lambda who: _lists("accounts:activity_list", "?whose=mine", "?kind=call")),
        _pages("Activity figures", everyone, lambda who: _lists("accounts:activity_figures", "?by=month")),
        _pages("Contact list", everyone, lambda who: _lists("accounts:contact_list", "?q=ivan")),
        _pages("Contact", everyone, lambda who: [_url("accounts:contact_detail", pk) for pk in who.contacts]),
        _pages("Competitors", everyone, lambda who: _lists("accounts:sighting_list")),
        _pages("Offline bundle", everyone, lambda who: _lists("home:offline_bundle")),
        _pages("Territories", [operations], lambda who: _lists("territories:territory_list")),
        _pages("Statements", [rep], lambda who: _lists("commissions:statement_list")),
        _pages("Statement", [rep], lambda who: [_url("commissions:statement_detail", pk) for pk in who.statements]),
        Task("Log a visit", WRITE_TARGET, [visit for who in everyone for visit in _visits(who)]),
        Task("Send a visit written offline", WRITE_TARGET, [visit for who in everyone for visit in _parcels(who)]),
        _pages("Proposal", [rep], lambda who: [_url("pipeline:proposal_detail", pk) for pk, _form in written]),
        Task("Save a proposal", WRITE_TARGET, [(rep, "POST", _url("pipeline:proposal_edit", pk), form) for pk, form in written]),
        Task("Move a deal", WRITE_TARGET, [move for who in everyone for move in _moves(who, everyone)]),
        _accepting(requests),
    ]
    return [task for task in tasks if task.requests]


def _pages(name, people, paths, target=READ_TARGET):
    return Task(name, target, [(who, "GET", path, None) for who in people for path in paths(who)])


def _lists(url_name, *queries):
    path = reverse(url_name)
    return [path, *(path + query for query in queries)]


def _corrected(past):
    return [reverse(f"pipeline:{name}") + past + "&corrections=on" for name in ("deal_list", "board")]


def _compared(url_name, past):
    """The past day beside today."""
    return [f"{reverse(url_name)}{past}&compare={organisation().today()}"]


def _entered(who):
    """The deals that ever entered a stage, and those of them that went on or left within the last year."""
    stages = Stage.objects.visible_to(who.user).filter(status="open").values_list("pk", flat=True)[:2]
    since, path = organisation().today() - timedelta(days=365), reverse("pipeline:deal_list")
    asked = [("", ""), ("", "&reached=yes"), (f"&entered_from={since}", "")]
    return [f"{path}?status=all&entered={stage}{days}{more}" for stage in stages for days, more in asked]


def _past_leads(past):
    return [reverse(f"pipeline:{name}") + past for name in ("lead_list", "lead_queue", "lead_figures")]


def _past_handoffs(past):
    return [reverse(f"pipeline:{name}") + past for name in ("handoff_list", "handoff_figures")]


def _url(name, *args):
    return reverse(name, args=args)


def _filtered(*more):
    """The accounts of somebody, customers of one tier among them, and narrowed further."""
    return [reverse("accounts:account_list") + f"?whose=mine&lifecycle=customer&tier=B{each}" for each in more]


def _visits(who):
    """Visits to log; the form's id is new each time it is sent (see fresh)."""
    path = reverse("accounts:visit_log")
    return [(who, "POST", path, {"account": pk, "kind": "visit", "outcome": "well", "note": "Measured"}) for pk in who.accounts]


def sent_later(user, accounts):
    """Parcels, each with one visit that waited on a phone (accounts.api); ids and moments are new each time (see fresh)."""
    typed = {"kind": "visit", "outcome": "well", "note": "Measured", "next_kind": "call", "next_in": "7"}
    items = [{"kind": "visit", "account": str(pk), "fields": typed | {"account": str(pk)}} for pk in accounts]
    return [{"person": user.pk, "items": [item]} for item in items]


def _parcels(who):
    return [(who, "POST", reverse("accounts:sent_later"), parcel) for parcel in sent_later(who.user, who.accounts)]


def _accepting(requests):
    """Offers to accept, half as many again as are sent, since the clients do not share them evenly; and some to count with."""
    receivers, asked = {}, []
    for person, path in offers(requests * 3 // 2 + 2 * SPARE if requests else 0):
        if person not in receivers:
            receivers[person] = Receiver(signed_in(person))
        asked.append((receivers[person], "POST", path, {}))
    return Task("Accept a handoff", WRITE_TARGET, asked[SPARE:], spare=asked[:SPARE])


def _moves(who, everyone):
    """Deals to move on the board, each there and back; no two people move the same one, and each has what is asked of it."""
    stages = list(Stage.objects.filter(status="open").order_by("pipeline", "position")[:2])
    exits = Exits(Deal.objects.filter(pk__in=who.deals))
    able = [deal.pk for deal in exits.deals if not exits.unmet(deal, exits.of_stage(stages[0]))]
    mine = [pk for pk in able if pk % len(everyone) == everyone.index(who)]
    return [(who, "POST", _url("pipeline:deal_move", pk), {"stage": stage.pk}) for pk in mine for stage in stages]


def fresh(form):
    """The form as the page would send it now; a parcel from a phone, written an hour ago."""
    if form is None:
        return form
    if "items" in form:
        now = timezone.now()
        said = {"logged_at": (now - timedelta(hours=1)).isoformat(), "planned": ""}
        items = [item | said | {"client_id": str(uuid.uuid4())} for item in form["items"]]
        return form | {"clock": now.isoformat(), "items": items}
    return {**form, "client_id": str(uuid.uuid4())} if "account" in form else form


def body_of(form):
    """(what is sent, its content type) of a fresh form: a parcel as JSON, anything else as a form."""
    if "items" in form:
        return json.dumps(form), "application/json"
    return urlencode(form), "application/x-www-form-urlencoded"
