"""Territories, runs and pay."""

from datetime import date

from django.utils import timezone

from accounts.models import CoverageLine
from commissions.models import Credit, Event, Measure, Period, PlanAssignment, PlanVersion, Statement
from commissions.services import STANDARD_COMPONENTS
from salesorg.jobs.models import OutboxMessage, Run
from salesorg.people.roles import Role
from territories.models import Force, Plan, Seat, Territory

from ..matrix.lines import EVERYONE, FINANCE, LEADERS, OPERATIONS, READERS
from .pipeline import deal
from .registry import PUBLIC, SINCE, kind


@kind(own=READERS, mate=READERS, stranger=READERS)
def territory(person, marker):
    """One that this person leads: the structure is public, the accounts in it are not."""
    part = Territory.objects.create(force_id=force(person, marker), name=marker)
    Seat.objects.create(territory=part, role=Role.AE, user=person, during=SINCE)
    return part.pk


@kind(own=READERS, mate=READERS, stranger=READERS)
def seat(person, marker):
    return Seat.objects.get(territory_id=territory(person, marker)).pk


@kind(own=READERS, mate=READERS, stranger=READERS)
def force(person, marker):
    line, _created = CoverageLine.objects.get_or_create(code="new-business", defaults={"name": "New business"})
    plan, _created = Plan.objects.get_or_create(name="Plan", defaults={"status": Plan.Status.ACTIVE})
    return Force.objects.get_or_create(plan=plan, name="Field", defaults={"line": line, "roles": [Role.AE]})[0].pk


@kind(**PUBLIC)
def run(person, marker):
    return Run.objects.create(job="nightly", period=marker, actor_id=person.pk).pk


@kind(**PUBLIC)
def parked(person, marker):
    return OutboxMessage.objects.create(topic="x", key=marker, actor_id=person.pk, parked_at=timezone.now()).pk


@kind(own=EVERYONE, mate=FINANCE, stranger=FINANCE)
def statement(person, marker):
    snapshot = {"plan": None, "quotas": {}, "components": [], "adjustments": [], "problems": []}
    month = Period.objects.get(pk=pay_month(person, marker))
    return Statement.objects.create(user=person, period=month, currency="USD", total=0, credited=0, snapshot=snapshot).pk


@kind(**PUBLIC)
def pay_month(person, marker):
    return Period.objects.get_or_create(start=date(2026, 3, 1))[0].pk


@kind(own=EVERYONE, mate=LEADERS | OPERATIONS | FINANCE, stranger=OPERATIONS | FINANCE)
def credited_deal(person, marker):
    about = deal(person, marker)
    event = Event.objects.create(deal_id=about, kind="booked", number=1, on=date(2026, 3, 10), amount=100, currency="USD")
    Credit.objects.create(
        event=event,
        deal_id=about,
        payee=person,
        role=Role.AE,
        measure=Measure.REVENUE,
        share=10_000,
        amount=100,
        currency="USD",
        on=event.on,
    )
    return about


@kind(own=EVERYONE, mate=OPERATIONS | FINANCE, stranger=OPERATIONS | FINANCE)
def plan(person, marker):
    version = PlanVersion.objects.create(
        name=marker, number=1, currency="USD", components=STANDARD_COMPONENTS, signed_at=timezone.now()
    )
    PlanAssignment.objects.get_or_create(user=person, plan_version=version, defaults={"during": SINCE})
    return version.pk
