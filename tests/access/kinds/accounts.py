"""Accounts and all that hangs on them."""

from datetime import date, timedelta

from django.utils import timezone

from accounts.forms.imports import may_import
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
from salesorg.lib import files
from salesorg.people.roles import Role

from ..matrix.lines import EVERYONE, FINANCE, LEADERS, OPERATIONS, READERS
from .registry import ABSENT, PRIVATE, RECORDS, SINCE, kind

FILE = f"00/{'0' * 64}.pdf"


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


@kind(**PRIVATE)
def file_import(person, marker):
    kind = "accounts" if may_import(person, "accounts") else "invoices"  # finance brings no customers
    row = upload_import(kind=kind, file_name="list.csv", content=f"name\n{marker}\n".encode(), actor=person)
    row.state, row.counts = row.State.CHECKED, {"new": 1}
    row.save()
    return row.pk


@kind(**PRIVATE)
def export(person, marker):
    return Export.objects.create(user=person, kind="accounts", words=marker, format="xlsx", count=1, content=b"PK").pk
