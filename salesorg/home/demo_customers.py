"""The demo's customers: their contracts, renewed, amended, cancelled and soon to end."""

from datetime import timedelta
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.services import log_activity
from pipeline.engine.terms import months_after
from pipeline.models import Contract, ContractValue, Deal, LossReason, Onboarding, Playbook, Stage, Survey
from pipeline.services import link_activity, move_deal
from pipeline.services.contracts import amend_contract, cancel_contract, make_contract
from pipeline.services.customers import gather_customers, score_customers
from pipeline.services.onboarding import close_step, save_playbook
from pipeline.services.renewals import due_renewals, open_renewal, renewal_pipeline
from pipeline.services.satisfaction import answer_survey, note_favour
from pipeline.services.tickets import answer_ticket, open_ticket
from salesorg.lib.acting import acting
from salesorg.people.models import organisation
from salesorg.people.roles import Role

TERMS = (12, 12, 24, 12)  # months, in turn
# How many days ago the first contract of each customer began, in turn: the oldest were renewed, some end soon.
BEGAN = (700, 340, 500, 95, 310, 620, 375, 180, 420, 275, 350, 60)
RISE = Decimal("1.08")  # of the price with each renewal
AMENDED, CANCELLED, LATE = 2, 8, 6  # the customers to whom that happened
CALLS = (3, 12, 85, 5, 140, 21, 9, 58, 15, 2, 40, 110)  # days since cora last called, in turn

# The playbook that begins with the handoff: (step, role, days after the start, required)
STEPS = (
    ("Kick-off: what was promised, and by when", Role.CSM, 0, True),
    ("Operators trained", Role.CSM, 7, True),
    ("First order through the portal", Role.CSM, 14, True),
    ("Seller looks in once more", Role.AE, 21, False),
    ("Look at the first month together", Role.CSM, 30, True),
    ("Ask how satisfied they are", Role.CSM, 45, True),
)
LAGGING = 3  # onboardings of which a step is overdue

# Tickets: (customer, subject, kind, priority, hours ago, answer or "", then)
TICKETS = (
    (1, "Scanner stops after an hour", "fault", 1, 30, "", ""),
    (1, "Labels come out crooked", "fault", 2, 52, "A technician comes on Thursday", ""),
    (1, "Portal asks for the password each time", "question", 3, 75, "Sent the steps", "waiting"),
    (4, "Invoice is higher than agreed", "dispute", 2, 26, "", ""),
    (4, "Who trains the second shift?", "question", 2, 5, "", ""),
    (7, "How do we add a user?", "question", 3, 100, "Settings, then People", "solved"),
    (10, "Spare belt takes too long", "fault", 2, 12, "", ""),
    (10, "Counter shows double", "fault", 1, 20, "Restart it; a fix comes on Monday", ""),
)


def fill_tickets(customers, cora, now):
    """What customers asked of late, and what cora answered."""
    for number, subject, kind, priority, hours, answer, then in TICKETS:
        account, opened = customers[number], now - timedelta(hours=hours)
        facts = {"kind": kind, "priority": priority, "invoice": "2026-1184" if kind == "dispute" else ""}
        with acting(cora, "demo"):
            contact = account.contacts.order_by("pk").first()
            ticket = open_ticket(account=account, subject=_(subject), contact=contact, actor=cora, now=opened, **facts)
            if answer:
                answer_ticket(ticket=ticket, text=_(answer), then=then, actor=cora, now=opened + timedelta(hours=1))


# Answers: (customer, days ago, 0 to 10, in words)
ANSWERS = (
    (0, 40, 9, "You keep what you promise"),
    (1, 20, 4, "Too long until somebody comes"),
    (3, 75, 8, ""),
    (10, 12, 5, "Spare parts"),
)


def fill_voices(customers, cora, now):
    """What customers answered, and whom they recommended us to."""
    with acting(cora, "demo"):
        for number, days, score, words in ANSWERS:
            account, asked = customers[number], now - timedelta(days=days)
            survey = Survey.objects.create(account=account, contact=account.contacts.first(), asked_at=asked, asked_by=cora)
            answer_survey(survey=survey, score=score, words=_(words) if words else "", actor=cora, now=asked + timedelta(hours=5))
        brought = {"company": "Northgate Bottling", "person": "Dana Weiss", "email": "dana@northgate.example"}
        note_favour(account=customers[0], kind="referral", state="given", actor=cora, **brought)
        note_favour(account=customers[3], kind="review", state="asked", actor=cora)


def fill_playbook(people):
    """The playbook by which customers are brought on, before any is handed over."""
    otto = people["otto"]
    with acting(otto, "demo"):
        steps = [{"name": _(name), "role": role, "day": day, "is_required": must} for name, role, day, must in STEPS]
        save_playbook(record=Playbook(), name=_("Usual onboarding"), with_handoff=True, steps=steps, actor=otto)


def fill_onboarding(today):
    """What was done so far for the customers who were handed over."""
    for number, onboarding in enumerate(Onboarding.objects.order_by("-started_on", "pk")):
        due = list(onboarding.steps.filter(due_on__lt=today).order_by("due_on", "pk"))
        for step in due[:-1] if number < LAGGING else due:
            with acting(step.owner, "demo"):
                close_step(step=step, today=step.due_on, actor=step.owner)


def fill_customers(people, now):
    """What became of the customers of cora up to `now`."""
    cora = people["cora"]
    today = organisation().today(now)
    customers = list(Account.objects.covered_by(cora, today).filter(lifecycle="customer").order_by("pk")[: len(BEGAN)])
    for number, account in enumerate(customers):
        contract = contract_of(account, number, today)
        if number == AMENDED:
            with acting(cora, "demo"):
                more = {"total": Decimal(21_000), "recurring": Decimal(10_500), "reason": _("Two more lines")}
                amend_contract(contract=contract, from_day=today - timedelta(days=60), actor=cora, **more)
        call(account, cora, number, now)
    with acting(cora, "demo"):
        cancelled = customers[CANCELLED].contracts.order_by("-renews_on").first()
        reason = LossReason.objects.order_by("name").first()
        cancel_contract(
            contract=cancelled, ends_on=today + timedelta(days=40), reason=reason, note=_("Moves production abroad"), actor=cora
        )
    for contract in due_renewals(renewal_pipeline(), today):
        with acting(None, "demo"):
            deal = open_renewal(contract=contract, day=today, actor=None)
    with acting(cora, "demo"):  # one of them is talked about already
        talk = log_activity(account=deal.account, kind="call", outcome="well", done_at=now, actor=cora)
        link_activity(deal=deal, activity=talk, actor=cora)
        move_deal(deal=deal, stage=Stage.objects.get(pipeline=deal.pipeline_id, name="In talks"), actor=cora)
    fill_onboarding(today)
    fill_tickets(customers, cora, now)
    fill_voices(customers, cora, now)
    for weeks in range(26, -1, -1):  # half a year of scores, as the nights would have left them
        day = today - timedelta(weeks=weeks)
        gather_customers(day=day)
        score_customers(day=day)


def contract_of(account, number, today):
    """The latest contract of a customer: made from a deal that was won, or as an import of older ones would bring it."""
    deal = Deal.objects.won().filter(account=account, contract=None).select_related("owner").order_by("-close_date").first()
    if number % 3 == 0 and deal is not None:
        until = months_after(deal.close_date, 12)
        facts = {"starts_on": deal.close_date, "until": until, "total": deal.amount, "recurring": deal.amount}
        with acting(deal.owner, "demo"):
            return make_contract(deal=deal, notice_days=30, actor=deal.owner, **facts)
    months, yearly = TERMS[number % len(TERMS)], Decimal(6_000 + 1_500 * number)
    contract, start = None, today - timedelta(days=BEGAN[number])
    while contract is None or (contract.term.upper <= today and number != LATE):
        term = DateRange(start, months_after(start, months))
        contract = Contract.objects.create(
            account=account, renews=contract, name=_("Service contract %(year)d") % {"year": start.year},
            currency=organisation().currency, term=term, during=term, notice_days=30,
        )  # fmt: skip
        ContractValue.objects.create(contract=contract, from_day=start, total=yearly * months / 12, recurring=yearly)
        start, yearly = term.upper, yearly * RISE
    return contract


def call(account, cora, number, now):
    """A call every few weeks, the last one as long ago as CALLS says."""
    with acting(cora, "demo"):
        for back in range(7):
            done = now - timedelta(days=CALLS[number % len(CALLS)] + back * (14 + number))
            log_activity(account=account, kind="call", actor=cora, done_at=done, outcome="well", subject=_("How is it going?"))
