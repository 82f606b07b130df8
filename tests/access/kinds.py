"""The records that the access matrix asks for: how one is made for a person, and who else sees it."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from accounts.importing.services import upload_import
from accounts.models import (
    Account,
    AccountPair,
    Activity,
    BulkChange,
    ColumnMapping,
    Competitor,
    Contact,
    ContactPair,
    Coverage,
    CoverageLine,
    Document,
    DocumentLink,
    DocumentTeam,
    DocumentVersion,
    Export,
    Photo,
    PinProposal,
    PrintOrder,
    Sighting,
    Trip,
    VehicleMonth,
)
from commissions.models import Credit, Event, Measure, Period, PlanAssignment, PlanVersion, Statement
from commissions.services import STANDARD_COMPONENTS
from pipeline.models import (
    Criterion,
    Deal,
    FitRule,
    GateOverride,
    Handoff,
    Lead,
    Package,
    PackageVersion,
    Pipeline,
    Source,
    Stage,
)
from salesorg.jobs.models import OutboxMessage, Run
from salesorg.lib import files
from salesorg.lib.acting import acting
from salesorg.people.models import Absence, Assistance, SavedView, Session, Team, User
from salesorg.people.roles import Role
from territories.models import Force, Plan, Seat, Territory

from .matrix import ADMINISTRATOR, EVERYONE, FINANCE, LEADERS, OPERATIONS, READERS

SINCE = DateRange(date(2020, 1, 1), None)
ABSENT = 999_999_999
FILE = f"00/{'0' * 64}.pdf"


@dataclass(frozen=True)
class Kind:
    """`make(person, marker)` returns the key of a new record of this person, in whose name `marker` can be read on a list."""

    make: object
    own: frozenset
    mate: frozenset
    stranger: frozenset
    absent: object


KINDS = {}


def kind(*, own, mate, stranger, absent=ABSENT):
    """Register a kind: who sees one's own, a teammate's and a stranger's record of it."""

    def register(make):
        KINDS[make.__name__] = Kind(make, frozenset(own), frozenset(mate), frozenset(stranger), absent)
        return make

    return register


# Of a pod that shares its work, whose leaders and helpers are in the pod and whose assistant assists the teammate.
RECORDS = {"own": EVERYONE, "mate": READERS, "stranger": OPERATIONS | FINANCE}
PUBLIC = {"own": EVERYONE, "mate": EVERYONE, "stranger": EVERYONE}
PRIVATE = {"own": EVERYONE, "mate": (), "stranger": ()}


@kind(**RECORDS)
def account(person, marker):
    line, _created = CoverageLine.objects.get_or_create(code="new-business", defaults={"name": "New business"})
    row = Account.objects.create(name=marker)
    Coverage.objects.create(account=row, line=line, role=Role.AE, user=person, during=SINCE, source="manual", reason="test")
    return row.pk


@kind(**RECORDS)
def coverage(person, marker):
    return Coverage.objects.get(account_id=account(person, marker)).pk


@kind(**PRIVATE)
def column_mapping(person, marker):
    return ColumnMapping.objects.create(user=person, kind="accounts", name=marker, columns={"Firma": "name"}).pk


@kind(**PRIVATE)
def bulk_change(person, marker):
    facts = {"kind": "accounts", "words": marker, "what": marker, "typed": {}, "state": "done"}
    return BulkChange.objects.create(user=person, count=1, **facts).pk


@kind(**RECORDS)
def contact(person, marker):
    return Contact.objects.create(account_id=account(person, marker), name=marker).pk


@kind(own=READERS, mate=READERS, stranger=OPERATIONS)
def document(person, marker):
    """One of the library that only the person's team may see."""
    row = Document.objects.create(title=marker, created_by=person)
    DocumentTeam.objects.create(document=row, team=person.memberships.get().team)
    DocumentVersion.objects.create(document=row, number=1, file=FILE, file_title="a.pdf", size=9, created_by=person)
    return row.pk


@kind(**RECORDS)
def account_document(person, marker):
    return Document.objects.create(title=marker, account_id=account(person, marker), created_by=person).pk


@kind(**RECORDS)
def document_version(person, marker):
    about = account_document(person, marker)
    accepted = files.Accepted(b"%PDF-1.4", "pdf", "a.pdf")
    facts = {"file": files.keep(accepted), "file_title": "a.pdf", "size": 9, "created_by": person}
    return DocumentVersion.objects.create(document_id=about, number=1, **facts).pk


@kind(**RECORDS)
def document_link(person, marker):
    ends = timezone.now() + timedelta(days=1)
    return DocumentLink.objects.create(version_id=document_version(person, marker), created_by=person, expires_at=ends).pk


@kind(own=EVERYONE, mate=LEADERS | OPERATIONS | FINANCE, stranger=OPERATIONS | FINANCE)
def print_order(person, marker):
    return PrintOrder.objects.create(user=person, ordered_on=date.today(), item=marker, pieces=1, unit_cost=1).pk


@kind(**RECORDS, absent=(ABSENT, ABSENT))
def two_accounts(person, marker):
    return account(person, marker), account(person, f"{marker} twin")


@kind(**RECORDS, absent=(ABSENT, ABSENT))
def two_contacts(person, marker):
    return contact(person, marker), contact(person, f"{marker} twin")


@kind(**RECORDS)
def account_pair(person, marker):
    first, second = two_accounts(person, marker)
    return AccountPair.objects.create(first_id=first, second_id=second, score=60, reasons=["same_name"]).pk


@kind(**RECORDS)
def contact_pair(person, marker):
    first, second = two_contacts(person, marker)
    return ContactPair.objects.create(first_id=first, second_id=second, score=60, reasons=["same_name"]).pk


@kind(**RECORDS)
def activity(person, marker):
    about = account(person, marker)
    return Activity.objects.create(account_id=about, user=person, kind="visit", subject=marker, done_at=timezone.now()).pk


@kind(**RECORDS)
def planned(person, marker):
    about, day = account(person, marker), date.today()
    return Activity.objects.create(account_id=about, user=person, kind="visit", subject=marker, due_on=day).pk


@kind(**RECORDS)
def photo(person, marker):
    name = files.keep(files.Accepted(marker.encode(), "jpg", marker))
    return Photo.objects.create(activity_id=activity(person, marker), user=person, file=name, small=name, title=marker).pk


@kind(**RECORDS)
def pin(person, marker):
    return PinProposal.objects.create(account_id=account(person, marker), user=person, latitude=1, longitude=2).pk


@kind(own=EVERYONE, mate=FINANCE, stranger=FINANCE)
def trip(person, marker):
    return Trip.objects.create(user=person, on=date.today(), origin="Office", destination=marker, kilometres=1).pk


@kind(own=EVERYONE, mate=FINANCE, stranger=FINANCE)
def vehicle_month(person, marker):
    return VehicleMonth.objects.create(user=person, start=date(2026, 1, 1), given_back_because=marker).pk


@kind(**RECORDS)
def sighting(person, marker):
    competitor, _created = Competitor.objects.get_or_create(name="Rival")
    about = account(person, marker)
    return Sighting.objects.create(account_id=about, competitor=competitor, user=person, seen_on=date.today()).pk


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
def person(person, marker):
    return person.pk


@kind(**PUBLIC)
def membership(person, marker):
    return person.memberships.get().pk


@kind(**PUBLIC)
def assistance(person, marker):
    boss = User.objects.create(name=marker, email=f"{marker.replace(' ', '.')}@x.example")
    return Assistance.objects.create(assistant=person, principal=boss, during=SINCE).pk


@kind(own=EVERYONE, mate=LEADERS | ADMINISTRATOR, stranger=ADMINISTRATOR)
def absence(person, marker):
    day = date.today()
    return Absence.objects.create(user=person, during=DateRange(day, day + timedelta(days=3))).pk


@kind(**PUBLIC)
def team(person, marker):
    return Team.objects.create(name=marker).pk


@kind(**PRIVATE, absent="0" * 20)
def session(person, marker):
    row = Session.objects.create(session_key=marker.replace(" ", ""), user=person, expire_date=timezone.now() + timedelta(days=1))
    return row.handle


@kind(**PRIVATE)
def saved_view(person, marker):
    return SavedView.objects.create(owner=person, page=SavedView.Page.ACCOUNTS, query="tier=A", name=marker).pk


@kind(**PUBLIC)
def run(person, marker):
    return Run.objects.create(job="nightly", period=marker, actor_id=person.pk).pk


@kind(**PUBLIC)
def parked(person, marker):
    return OutboxMessage.objects.create(topic="x", key=marker, actor_id=person.pk, parked_at=timezone.now()).pk


@kind(own=EVERYONE, mate=ADMINISTRATOR, stranger=ADMINISTRATOR, absent=uuid.UUID(int=0))
def undertaking(person, marker):
    """Something a person did, by the context that it can be undone with."""
    pk = account(person, marker)
    with acting(person, "test") as click:
        Account.objects.filter(pk=pk).update(industry="Mining")
    return click.context


@kind(**PRIVATE)
def file_import(person, marker):
    row = upload_import(kind="accounts", file_name="list.csv", content=f"name\n{marker}\n".encode(), actor=person)
    row.state, row.counts = row.State.CHECKED, {"new": 1}
    row.save()
    return row.pk


@kind(**PRIVATE)
def export(person, marker):
    return Export.objects.create(user=person, kind="accounts", words=marker, format="xlsx", count=1, content=b"PK").pk


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
