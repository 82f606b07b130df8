"""The pages of an import: from the upload to the way back, and what one takes out of a list."""

import csv
import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Account, ColumnMapping, Contact, Export, Import
from salesorg.audit.models import Change
from salesorg.jobs.models import OutboxMessage
from salesorg.jobs.outbox import perform

from .conftest import worked_off

FILE = b"name;city;=evil\nAlpha;Bonn;=1+1\nBeta;K\xf6ln;x\n;Nowhere;\n"


def upload(browser, content, kind="accounts", name="list.csv"):
    return browser.post("/accounts/import/new/", {"kind": kind, "file": SimpleUploadedFile(name, content)})


def test_from_upload_to_undo(as_user, rita, sam, line):
    browser = as_user(rita)
    columns = upload(browser, FILE)["Location"]
    page = browser.get(columns)
    form = page.context["form"]
    values = {field.html_name: field.value() or "" for field in form if field.value() is not False}
    assert (values["column0"], values["column1"], values["column2"]) == ("name", "city", "")
    answer = browser.post(columns, {**values, "save_as": "Old system", "is_shared": "on"})
    imported = Import.objects.get()
    assert answer["Location"] == imported.get_absolute_url()
    assert b"parts done" in browser.get(answer["Location"]).content
    worked_off(imported)
    page = browser.get(answer["Location"]).content.decode()
    assert "Nothing is written yet" in page
    assert "Import 2 rows" in page
    assert "A new record needs: Name." in page
    browser.post(f"/accounts/import/{imported.pk}/write/")
    worked_off(imported)
    assert sorted(Account.objects.values_list("name", "city")) == [("Alpha", "Bonn"), ("Beta", "Köln")]
    lines = list(csv.reader(io.StringIO(b"".join(browser.get(f"/accounts/import/{imported.pk}/result/")).decode("utf-8-sig"))))
    assert lines[0][:3] == ["Row", "What happened", "Why"]
    assert lines[1][:2] == ["2", "New"]
    assert lines[1][-1] == "'=1+1"
    assert lines[3][:3] == ["4", "Refused", "A new record needs: Name."]
    browser.post(f"/accounts/import/{imported.pk}/undo/")
    worked_off(imported)
    assert not Account.objects.exists()
    assert "Everything this import wrote was taken back." in browser.get(imported.get_absolute_url()).content.decode()

    saved = ColumnMapping.objects.visible_to(sam).get()
    browser = as_user(sam)
    columns = upload(browser, b"city,name\nBonn,Gamma\n")["Location"]
    assert "Old system" in browser.get(columns).content.decode()
    assert browser.get(columns, {"saved": saved.pk}).context["form"]["column1"].value() == "name"


def test_choices_that_do_not_fit_are_said(as_user, rita, line):
    browser = as_user(rita)
    columns = upload(browser, b"name,city\nA,B\n")["Location"]
    choices = {"match": "domain", "mode": "both", "numbers": "point", "column0": "city", "column1": "city"}
    page = browser.post(columns, choices)
    assert page.status_code == 422
    for words in ("chosen for an earlier column too", "No column holds this", "New records need: Name."):
        assert words in page.content.decode()


def test_a_bad_file_is_refused_in_its_form(as_user, rita):
    answer = upload(as_user(rita), b"")
    assert answer.status_code == 422
    assert "is empty" in answer.content.decode()
    assert not Import.objects.exists()


def test_a_file_broken_far_below_is_told_on_its_page(checked, rita, line):
    check = checked(rita, "name,city\n" + "A,B\n" * 3000 + '"open')
    assert (check.state, check.rows.count()) == ("new", 0)
    assert check.problem == "A quotation mark opened in row 3002 is never closed."


def test_two_clicks_on_import_begin_one(as_user, checked, rita, line):
    check = checked(rita, "name\nAlpha\n")
    browser = as_user(rita)
    assert browser.post(f"/accounts/import/{check.pk}/write/").status_code == 302
    assert browser.post(f"/accounts/import/{check.pk}/write/").status_code == 422


# ── exports ──


def exported(answer):
    text = b"".join(answer).decode("utf-8-sig")
    return [line for line in csv.reader(io.StringIO(text)) if line]


def test_a_list_is_taken_out_by_its_filters_and_noted(as_user, rita, tom, account_of):
    mine, hidden = account_of(rita, "=cmd|Alpha"), account_of(tom, "Hidden")
    Account.objects.filter(pk__in=[mine.pk, hidden.pk]).update(lifecycle="customer", phone="+49 1")
    account_of(rita, "Prospect")
    lines = exported(as_user(rita).post("/accounts/export/accounts/?lifecycle=customer", {"format": "csv"}))
    remarks = [line[0] for line in lines if line[0].startswith("#")]
    assert remarks[0] == "# What: Customers"
    assert "# Exported by: Rita" in remarks
    assert "# Filters: lifecycle=customer" in remarks
    head, *rows = lines[len(remarks) :]
    assert [dict(zip(head, row, strict=True))["Name"] for row in rows] == ["'=cmd|Alpha"]
    assert dict(zip(head, rows[0], strict=True))["Covered by"] == "Rita"
    change = Change.objects.get(table="accounts_export")
    assert (change.actor_id, change.after["count"], change.after["words"]) == (rita.pk, 1, "Customers")


def test_what_was_taken_out_comes_back_unchanged(as_user, checked, rita, account_of):
    account = account_of(rita, "=Alpha")
    Account.objects.filter(pk=account.pk).update(
        phone="+49 1",
        annual_revenue="1234.50",
        employees=1200,
        city="Bonn",
        note="a\nb",
        potential="99.50",
        potential_how="tender",
        potential_on="2026-03-02",
    )
    content = b"".join(as_user(rita).post("/accounts/export/accounts/", {"format": "csv"}))
    check = checked(rita, content, match="name_city")
    assert (check.counts, check.problem) == ({"same": 1}, "")


def test_contacts_not_to_be_reached_are_marked(as_user, rita, account_of):
    Contact.objects.create(account=account_of(rita), name="Ida", do_not_contact=True)
    lines = exported(as_user(rita).post("/accounts/export/contacts/", {"format": "csv"}))
    row = dict(zip(*lines[-2:], strict=True))
    assert (row["Name"], row["Do not contact"], row["No e-mail"]) == ("Ida", "yes", "yes")


def test_deals_as_a_workbook_say_on_their_second_sheet_what_they_are(as_user, rita, tom, deal_of):
    deal_of(rita, name="=Big")
    deal_of(tom, name="Hidden")
    answer = as_user(rita).post("/accounts/export/deals/?status=open", {"format": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0][:2] == ("Deal", "Account")
    assert [row[0] for row in rows[1:]] == ["=Big"]
    assert book.worksheets[0]["A2"].data_type == "s"
    facts = dict(book.worksheets[1].iter_rows(values_only=True))
    assert (facts["Rows"], facts["Exported by"], facts["Filters"]) == (1, "Rita", "status=open")


def test_a_large_workbook_is_made_by_a_worker(as_user, rita, account_of, monkeypatch):
    monkeypatch.setattr("accounts.exporting.LARGE", 0)
    account_of(rita, "Alpha")
    browser = as_user(rita)
    answer = browser.post("/accounts/export/accounts/", {"format": "xlsx"})
    assert answer["Location"] == "/accounts/exports/"
    assert "being made" in browser.get("/accounts/exports/").content.decode()
    made = Export.objects.get()
    assert browser.get(f"/accounts/exports/{made.pk}/").status_code == 404
    perform(OutboxMessage.objects.get(topic="accounts.export").pk)
    assert re.search(f'href="/accounts/exports/{made.pk}/"', browser.get("/accounts/exports/").content.decode())
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"/accounts/exports/{made.pk}/").content))
    assert book.worksheets[0]["B2"].value == "Alpha"


@pytest.mark.parametrize("kind", ["accounts", "contacts", "activities", "deals"])
def test_every_kind_can_be_taken_out_empty(as_user, rita, kind, stages):
    assert as_user(rita).post(f"/accounts/export/{kind}/", {"format": "csv"}).status_code == 200
    assert as_user(rita).post(f"/accounts/export/{kind}/", {"format": "xlsx"}).status_code == 200
