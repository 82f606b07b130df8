"""Several of everything, so that a query per row would show."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from salesorg.lib.acting import acting
from salesorg.people.models import Absence
from salesorg.people.roles import Role

ROWS = 8  # enough that a query per row would show


@pytest.fixture
def absences(rita, sam, mia):
    for person in (rita, sam):
        Absence.objects.create(user=person, during=DateRange(rita.today, rita.today + timedelta(days=9)), stand_in=mia)


@pytest.fixture
def handoffs(rita, sam, deal_of):
    """rita and sam offer each other several deals."""
    from pipeline.services import offer_handoff

    deals = [deal_of(person) for person in (rita, sam) for _each in range(ROWS)]
    offers = [(deal, sam if deal.owner == rita else rita) for deal in deals]
    return [offer_handoff(deal=deal, to=to, package={"brief": "Call them"}, actor=deal.owner) for deal, to in offers]


@pytest.fixture
def records(rita, sam, mia, otto, deal_of, account_of, line, teams, handoffs, absences):
    """Several of everything; the one whose page is opened comes first."""
    from accounts.importing.services import upload_import
    from accounts.models import (
        Account,
        AccountPair,
        Activity,
        Document,
        DocumentLink,
        DocumentVersion,
        PrintOrder,
        Trip,
    )
    from accounts.services import Brought, add_contact, log_activity, record_consent
    from commissions.models import Period, PlanAssignment, Quota, Statement
    from commissions.services import standard_plan
    from pipeline.models import Lead, Source
    from territories.services import create_force, create_plan, create_territory, open_seat, place

    account = account_of(rita)
    placed = [account_of(rita, f"Placed {i}") for i in range(ROWS)]
    Account.objects.filter(pk__in=[each.pk for each in placed]).update(latitude=42.4, longitude=-71.1)
    Activity.objects.bulk_create(
        Activity(account=each, user=rita, kind="visit", due_on=rita.today) for each in [account, *placed]
    )
    deals = asked_and_passed([deal_of(person, account) for person in (rita, sam) for _each in range(ROWS)], rita, sam, mia)
    source = Source.objects.create(name="Search")
    day = rita.today - timedelta(days=3)
    leads = [
        Lead.objects.create(account=account_of(rita), source=source, sdr=rita, first_contact_on=day) for _each in range(ROWS)
    ]
    with acting(otto):
        plan = create_plan(name="Plan", active_from=day, actor=otto)
        force = create_force(plan=plan, name="Field", division="geographic", line=line, roles=[Role.AE], actor=otto)
        areas = [create_territory(force=force, name=f"Area {i}", actor=otto) for i in range(ROWS)]
        for person, area in zip((rita, sam), areas, strict=False):
            open_seat(territory=area, role=Role.AE, user=person, from_day=day, actor=otto)
        place(force=force, territories={lead.account_id: areas[0].pk for lead in leads}, day=day, reason="test", actor=otto)
        paid_by = standard_plan(currency="USD", actor=otto)
    period = Period.objects.create(start=date(2026, 3, 1))
    snapshot = {"plan": None, "quotas": {}, "components": [], "adjustments": [], "problems": []}
    for person in (rita, sam):
        PlanAssignment.objects.create(user=person, plan_version=paid_by, during=DateRange(period.start, None))
        Quota.objects.create(user=person, amount=1000, currency="USD", during=DateRange(period.start, None))
        figures = {"currency": "USD", "total": 0, "credited": 0, "snapshot": snapshot}
        statement = Statement.objects.create(user=person, period=period, **figures)
    with acting(rita):
        contacts = [add_contact(account=account, name=f"Contact {i}", phone="555 0100", actor=rita) for i in range(ROWS)]
        for day_of_word in (day, rita.today):
            record_consent(contact=contacts[0], channel="phone", given=True, how="phone", said_on=day_of_word, actor=rita)
        place = {"latitude": 52.5, "longitude": 13.4, "accuracy": 10}
        seen = {"competitor": "Rival", "product": "SR-5", "price": 10, "currency": "EUR"}
        brought = Brought(contacts=contacts, check_in=place, wrong_pin=True, sighting=seen)
        for _each in range(ROWS):
            log_activity(account=account, kind="visit", contact=contacts[0], brought=brought, actor=rita)
    twins = [account_of(rita, f"Twin {i}").pk for i in range(2 * ROWS)]
    for first, second in zip(twins[::2], twins[1::2], strict=True):
        AccountPair.objects.create(first_id=first, second_id=second, score=60, reasons=["same_name"])
    documents = [Document.objects.create(title=f"Document {i}", created_by=otto) for i in range(ROWS)]
    version = {"number": 1, "file": f"00/{'0' * 64}.pdf", "file_title": "a.pdf", "size": 9, "created_by": otto}
    for document in [*documents, Document.objects.create(title="Contract", account=account, created_by=otto)]:
        sent = DocumentVersion.objects.create(document=document, **version)
        for _each in range(2):
            DocumentLink.objects.create(version=sent, account=account, created_by=rita, expires_at=timezone.now() + timedelta(1))
    for person in (rita, sam):
        PrintOrder.objects.create(user=person, ordered_on=rita.today, item="Brochure", pieces=10, unit_cost=1)
    trips = [
        Trip(user=person, on=rita.today, origin=f"{i}", destination="Acme", kilometres=i)
        for i in range(ROWS)
        for person in (rita, sam)
    ]
    Trip.objects.bulk_create(trips)
    rows = {
        "contract": contracts_with(rita, account, [lead.account for lead in leads])[0],
        "ticket": tickets_at(rita, account)[0],
        "onboarding": onboardings_at(rita, [account, *(lead.account for lead in leads)])[0],
        "document": documents[0],
        "visit": account.activities.first(),
        "twins": twins[:2],
        "contact": contacts[0],
        "deal": deals[0],
        "handoff": handoffs[-1],
        "pipeline": deals[0].pipeline,
        "stage": deals[0].stage,
        "account": account,
        "lead": leads[0],
        "territory": areas[0],
        "force": force,
        "plan": paid_by,
        "bulk_change": changed_in_bulk(rita, twins[:ROWS]),
    }
    uploaded = upload_import(kind="accounts", file_name="a.csv", content=b"name\nAcme\nBeta\n", actor=rita)
    uploaded.state, uploaded.counts = "checked", {"new": 1, "refused": 1}
    uploaded.save()
    rows |= {"file_import": uploaded} | ordered(rita, [account, *placed], priced(otto)) | proposed(deals[0])
    return rows | {
        "sprint": weeks_of(rita, sam, placed, deals),
        "prospect_list": to_be_called(rita, [account, *placed]),
        "period": period,
        "statement": statement,
        "person": rita,
        "team": teams["north"],
    }


def weeks_of(rita, sam, placed, deals):
    committed(sam, [], deals[ROWS:])
    return committed(rita, placed[:2], deals[:2])


def to_be_called(user, accounts):
    """Two lists of these accounts; of the second the first account is before the person."""
    from pipeline.models import Prospect, ProspectList

    for name in ("Fair", "Autumn"):
        made = ProspectList.objects.create(name=name, owner=user)
        Prospect.objects.bulk_create(Prospect(list=made, account=each, position=i) for i, each in enumerate(accounts))
    Prospect.objects.filter(list=made, position=0).update(held_by=user, held_until=timezone.now())
    return made


def committed(user, accounts, deals):
    """This week and last: visits at the accounts, and the next steps of the deals. The sprint of this week."""
    from pipeline.engine.sprints import monday_of
    from pipeline.models import Sprint, SprintItem

    monday = monday_of(user.today)
    for week in (monday - timedelta(days=7), monday):
        sprint = Sprint.objects.create(user=user, week=week)
        facts = {"sprint": sprint, "week": week, "doer": user, "due_on": week}
        for account in accounts:
            visit = account.activities.create(user=user, kind="visit", due_on=week)
            SprintItem.objects.create(kind="visit", account=account, activity=visit, **facts)
        for deal in deals:
            SprintItem.objects.create(kind="step", deal=deal, step=deal.next_step, **facts)
    return sprint


def contracts_with(user, account, others):
    """Several of one account, one of each other; each amended now and then."""
    from pipeline.models import Contract, ContractValue
    from pipeline.services.customers import gather_customers, score_customers

    day, contracts = user.today, []
    for each in [*[account] * ROWS, *others]:
        year = DateRange(day - timedelta(days=100), day + timedelta(days=265))
        contract = Contract.objects.create(account=each, name=f"Contract {each}", currency="USD", term=year, during=year)
        contracts.append(contract)
        for number in range(3):
            worth = {"total": 1000 + number, "recurring": 1000 + number, "made_by": user}
            ContractValue.objects.create(contract=contract, from_day=year.lower + timedelta(days=number), **worth)
    gather_customers(day=day)
    score_customers(day=day)
    return contracts


def priced(otto):
    """Several products on several lists."""
    from pipeline.models import PriceList, Product
    from pipeline.services.products import set_cost, set_prices

    products = [Product.objects.create(name=f"Pump {i}") for i in range(ROWS)]
    for i in range(2):
        price_list = PriceList.objects.create(name=f"List {i}", currency="USD", during=DateRange(date(2020, 1, 1), None))
        set_prices(price_list=price_list, prices=dict.fromkeys(products, 10 + i), since=None, actor=otto)
    for product in products:
        set_cost(product=product, currency="USD", since=date(2020, 1, 1), amount=5, actor=otto)
    return {"product": products[0], "price_list": price_list, "stock": stocked(products, otto)}


def stocked(products, otto):
    """Each product in two warehouses, received several times."""
    from pipeline.models import Stock, Warehouse
    from pipeline.services.stock import change_stock

    for name in ("Hall A", "Hall B"):
        warehouse = Warehouse.objects.create(name=name)
        for _each in range(ROWS):
            facts = {"warehouse": warehouse, "kind": "received", "reason": "", "actor": otto}
            change_stock(quantities=dict.fromkeys(products, 10), **facts)
    return Stock.objects.first()


def ordered(user, accounts, rows):
    """`rows`, and several orders of each account, and several that wait."""
    from decimal import Decimal

    from pipeline.models import Warehouse
    from pipeline.services.orders import Wanted, take_order

    hall = Warehouse.objects.earliest("pk")
    for count in (1, 10_000):
        for account in accounts:
            lines = [Wanted(rows["product"], Decimal(count))] * 3
            asked = take_order(account=account, lines=lines, warehouse=hall, at_once=False, actor=user)
            if count == 1:
                order = asked.orders.get()
    return rows | {"order": order, "order_request": asked, "invoice": invoiced(user, order)}


def invoiced(user, order):
    """Several deliveries, invoices and payments of an order with a line of which there are many."""
    from pipeline.services.invoices import record_delivery, record_invoice, record_payment

    day = user.today
    for line in order.lines.all():
        record_delivery(order=order, kind="delivered", on=day, quantities={line.pk: line.quantity}, actor=user)
    for number in range(ROWS):
        facts = {"account": order.account, "order": order, "issued_on": day}
        invoice = record_invoice(number=f"R-{number}", amount=Decimal(10), actor=user, **facts)
        record_payment(invoice=invoice, amount=Decimal(1), paid_on=day, actor=user)
    return invoice


def advised_by(user, deals):
    """They work on the deals of a colleague, who asks for more."""
    from pipeline.models import Ask, DealMember

    for deal in deals:
        DealMember.objects.create(deal=deal, user=user, role=Role.SPECIALIST, during=DateRange(user.today, None))
        Ask.objects.create(deal=deal, role=Role.SPECIALIST, question="Help", asked_by=deal.owner)


def onboardings_at(user, accounts):
    """One at each account, and a playbook for it."""
    from pipeline.models import Playbook, PlaybookStep
    from pipeline.services.onboarding import start_onboarding

    for number in range(ROWS):
        playbook = Playbook.objects.create(name=f"Playbook {number}")
        for day in range(ROWS):
            PlaybookStep.objects.create(playbook=playbook, name=f"Step {day}", day=day)
    facts = {"playbook": playbook, "owner": user, "actor": user, "starts_on": user.today}
    return [start_onboarding(account=account, **facts) for account in accounts]


def tickets_at(user, account):
    """Several, with several answers; and several surveys."""
    from pipeline.models import Survey, Ticket, TicketNote

    facts = {"account": account, "owner": user, "opened_by": user, "answer_by": timezone.now()}
    tickets = [Ticket.objects.create(subject=f"Ticket {number}", **facts) for number in range(ROWS)]
    for each in tickets:
        TicketNote.objects.bulk_create(TicketNote(ticket=each, user=user, text="So") for _each in range(3))
    Survey.objects.bulk_create(Survey(account=account) for _each in range(ROWS))
    return tickets


def proposed(deal):
    """Several proposals of a deal with several lines each; some people may give no discount."""
    from pipeline.models import DiscountLimit, Product
    from pipeline.services.proposals import Wanted, create_proposal
    from pipeline.services.sending import send_proposal

    lines = [Wanted(product, "", Decimal(1)) for product in Product.objects.all()]
    facts = {"currency": "USD", "valid_until": deal.owner.today, "lines": lines, "actor": deal.owner}
    proposals = [create_proposal(deal=deal, name=f"Proposal {i}", **facts).proposal for i in range(4)]
    send_proposal(proposal=proposals[-1], actor=deal.owner)
    DiscountLimit.objects.create(role=Role.AE, percent=10)
    return {"proposal": proposals[0]}


def changed_in_bulk(user, refused):
    from accounts.models import BulkChange

    facts = {"kind": "accounts", "what": "A", "typed": {}, "count": ROWS, "state": "done", "counts": {"refused": ROWS}}
    facts["refused"] = [[pk, "No."] for pk in refused]
    BulkChange.objects.create(user=user, **facts)
    return BulkChange.objects.create(user=user, **facts)


def asked_and_passed(deals, rita, sam, mia):
    """The first stage asks for every kind of criterion; some are ticked, deals went on without, and Sam advises on Rita's."""
    from pipeline.models import Criterion, GateOverride, Tick

    first = deals[0].stage
    asked = [("check", f"Sentence {i}") for i in range(ROWS)] + [("activity", "demo"), ("contact", "user"), ("field", "product")]
    for kind, value in asked:
        criterion = Criterion.objects.create(stage=first, kind=kind, value=value)
        if kind == "check":
            Tick.objects.create(deal=deals[0], criterion=criterion, user=rita)
    passed = {"from_stage": first, "to_stage": first, "criterion": "Budget", "reason": "Known", "user": mia}
    advised_by(sam, [deal for deal in deals if deal.owner == rita])
    GateOverride.objects.bulk_create(GateOverride(deal=deal, **passed) for deal in deals)
    return deals


@pytest.fixture
def people(cast):
    return cast
