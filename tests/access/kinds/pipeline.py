"""Deals and leads, and what is set up for them."""

import uuid
from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from pipeline.models import (
    Approval,
    Ask,
    Contract,
    ContractValue,
    Criterion,
    CustomerFacts,
    Deal,
    DiscountLimit,
    FitRule,
    GateOverride,
    Handoff,
    HealthInput,
    IssuedDocument,
    Lead,
    Movement,
    Onboarding,
    OnboardingStep,
    Package,
    PackageVersion,
    Pipeline,
    Playbook,
    Price,
    PriceList,
    Product,
    Proposal,
    ProposalVersion,
    Source,
    Stage,
    Stock,
    Survey,
    Ticket,
    Warehouse,
)
from salesorg.people.models import Team, User
from salesorg.people.roles import Role

from ..matrix.lines import FINANCE, LEADERS, OPERATIONS, READERS
from .accounts import account
from .registry import ABSENT, PUBLIC, RECORDS, kind


@kind(**RECORDS)
def deal(person, marker):
    pipeline, _created = Pipeline.objects.get_or_create(name="New business")
    stage, _created = Stage.objects.get_or_create(
        pipeline=pipeline, name="Prospecting", defaults={"position": 0, "probability": 10}
    )
    day = date.today()
    return Deal.objects.create(
        name=marker,
        account_id=account(person, marker),
        owner=person,
        pipeline=pipeline,
        stage=stage,
        amount=1000,
        opened_on=day,
        close_date=day + timedelta(days=30),
        next_step="Call",
        next_step_on=day,
    ).pk


@kind(**RECORDS, absent=(ABSENT, ABSENT))
def deal_criterion(person, marker):
    """A deal, and a sentence of its stage's checklist."""
    row = Deal.objects.get(pk=deal(person, marker))
    return row.pk, Criterion.objects.get_or_create(stage=row.stage, kind="check", value="Budget confirmed")[0].pk


@kind(**PUBLIC)
def pipeline(person, marker):
    row = Pipeline.objects.create(name=f"Pipeline {marker}")
    for position, status in enumerate(("open", "open", "won", "lost")):
        Stage.objects.create(pipeline=row, name=f"{status} {position}", status=status, position=position, probability=0)
    return row.pk


@kind(**PUBLIC)
def stage(person, marker):
    return Stage.objects.filter(pipeline=pipeline(person, marker)).earliest("position").pk


@kind(**PUBLIC)
def criterion(person, marker):
    return Criterion.objects.create(stage_id=stage(person, marker), kind="check", value=marker).pk


@kind(own=LEADERS | OPERATIONS | FINANCE, mate=LEADERS | OPERATIONS | FINANCE, stranger=OPERATIONS | FINANCE)
def override(person, marker):
    row = Deal.objects.get(pk=deal(person, marker))
    facts = {"from_stage": row.stage, "to_stage": row.stage, "criterion": "Budget", "reason": "Known", "user": person}
    return GateOverride.objects.create(deal=row, **facts).pk


@kind(**RECORDS, absent=(ABSENT, ABSENT))
def deal_person(person, marker):
    """A deal, and who owns it."""
    return deal(person, marker), person.pk


@kind(**RECORDS)
def ask(person, marker):
    """A deal of this person that asks for a role which works on none."""
    return Ask.objects.create(deal_id=deal(person, marker), role=Role.ADMINISTRATOR, question="Help", asked_by=person).pk


@kind(**RECORDS)
def handoff(person, marker):
    """A deal of this person, offered to whoever is a customer success manager in a team that nobody is in."""
    package, _created = Package.objects.get_or_create(giver_role=Role.AE, taker_role=Role.CSM)
    facts = {"questions": [], "reasons": ["No"], "decide_hours": 48, "contact_hours": 4, "disqualify_days": 30}
    version, _created = PackageVersion.objects.get_or_create(package=package, number=1, defaults=facts)
    empty, _created = Team.objects.get_or_create(name="Nobody")
    return Handoff.objects.create(
        deal_id=deal(person, marker), status_then="open", giver=person, giver_role=Role.AE, taker_role=Role.CSM, team=empty,
        package=version, decide_by=timezone.now() + timedelta(days=3),
    ).pk  # fmt: skip


@kind(**RECORDS)
def lead(person, marker):
    source, _created = Source.objects.get_or_create(name="Search")
    return Lead.objects.create(account_id=account(person, marker), source=source, sdr=person, first_contact_on=date.today()).pk


@kind(**RECORDS)
def proposal(person, marker):
    about = deal(person, marker)
    row = Proposal.objects.create(deal_id=about, name=marker, created_by=person)
    ProposalVersion.objects.create(
        proposal=row, deal_id=about, number=1, author=person, currency="USD", valid_until=date.today() + timedelta(days=9)
    )
    return row.pk


@kind(**RECORDS)
def sent_version(person, marker):
    row = ProposalVersion.objects.get(proposal=proposal(person, marker))
    row.state, row.sent_at, row.sent_by, row.token = "sent", timezone.now(), person, uuid.uuid4().hex[:22]
    row.save()
    IssuedDocument.objects.create(version=row, pdf=b"%PDF")
    return row.pk


@kind(**RECORDS)
def approval(person, marker):
    row = ProposalVersion.objects.get(proposal=proposal(person, marker))
    row.state = "waiting"
    row.save()
    return Approval.objects.create(version=row, asked_by=person, percent=20).pk


@kind(own=READERS, mate=READERS, stranger=READERS)
def discount_limit(person, marker):
    return DiscountLimit.objects.create(team=Team.objects.create(name=marker), percent=10).pk


@kind(own=READERS, mate=READERS, stranger=READERS)
def product(person, marker):
    return Product.objects.create(name=marker).pk


@kind(own=READERS, mate=READERS, stranger=READERS)
def price_list(person, marker):
    """One with a price."""
    row = PriceList.objects.create(name=marker, currency="USD", during=DateRange(date(2020, 1, 1), None))
    Price.objects.create(price_list=row, product_id=product(person, f"{marker} pump"), amount=10)
    return row.pk


@kind(own=READERS, mate=READERS, stranger=READERS)
def warehouse(person, marker):
    return Warehouse.objects.create(name=marker).pk


@kind(own=READERS, mate=READERS, stranger=READERS)
def stock(person, marker):
    """A few of a product in a warehouse."""
    place = {"warehouse_id": warehouse(person, marker), "product_id": product(person, marker)}
    Movement.objects.create(kind="received", on_hand=5, **place)
    return Stock.objects.get(**place).pk


@kind(own=READERS, mate=READERS, stranger=READERS)
def lead_source(person, marker):
    return Source.objects.create(name=f"{marker} {Source.objects.count()}").pk


@kind(own=READERS, mate=READERS, stranger=READERS)
def fit_rule(person, marker):
    return FitRule.objects.create(field="industry", test="is", value=marker, points=10).pk


@kind(own=READERS, mate=READERS, stranger=READERS)
def partner(person, marker):
    return Source.objects.create(name=f"{marker} {Source.objects.count()}", is_partner=True, token=uuid.uuid4().hex[:22]).pk


@kind(**RECORDS)
def free_lead(person, marker):
    """One that nobody works, at an account of this person's."""
    pk = lead(person, marker)
    Lead.objects.filter(pk=pk).update(sdr=None)
    return pk


@kind(**RECORDS)
def dropped_lead(person, marker):
    pk = lead(person, marker)
    Lead.objects.filter(pk=pk).update(outcome="disqualified")
    return pk


@kind(**RECORDS)
def contract(person, marker):
    day = date.today()
    year = DateRange(day, day + timedelta(days=365))
    row = Contract.objects.create(account_id=account(person, marker), name=marker, currency="USD", term=year, during=year)
    ContractValue.objects.create(contract=row, from_day=day, total=1200, recurring=1200)
    return row.pk


@kind(**RECORDS)
def customer(person, marker):
    return CustomerFacts.objects.create(account_id=account(person, marker), renews_on=date.today()).pk


@kind(own=READERS, mate=READERS, stranger=READERS)
def health_input(person, marker):
    return HealthInput.objects.get_or_create(code="trend", defaults={"weight": 10, "good": 0, "bad": -25})[0].pk


@kind(**RECORDS)
def onboarding(person, marker):
    owner = User.objects.order_by("pk").first()
    return Onboarding.objects.create(account_id=account(person, marker), name="Usual", owner=owner, started_on=date.today()).pk


@kind(**RECORDS)
def onboarding_step(person, marker):
    # Whoever is to do a step sees it: here that is nobody who asks.
    nobody = User.objects.get_or_create(email="nobody@northwind.example", defaults={"name": "Nobody"})[0]
    facts = {"onboarding_id": onboarding(person, marker), "name": marker, "due_on": date.today()}
    return OnboardingStep.objects.create(owner=nobody, **facts).pk


@kind(own=READERS, mate=READERS, stranger=READERS)
def playbook(person, marker):
    return Playbook.objects.create(name=marker).pk


@kind(**RECORDS)
def ticket(person, marker):
    return Ticket.objects.create(account_id=account(person, marker), subject=marker, answer_by=timezone.now()).pk


@kind(**RECORDS)
def survey(person, marker):
    return Survey.objects.create(account_id=account(person, marker)).pk
