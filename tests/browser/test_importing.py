"""A file brought in with mistakes and taken back, in a real browser."""

import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.models import Account, Import
from salesorg.jobs.models import Run
from salesorg.jobs.runs import run_here

sys.path.insert(0, str(Path(__file__).parent))
from looking import assert_accessible

pytestmark = pytest.mark.django_db(transaction=True)
FILE = "Firma;Webseite;Ort\nAlpha GmbH;alpha.example;Köln\nBeta AG;kein domain;Bonn\n;gamma.example;Trier\n"


def work_off():
    run_here(Run.objects.get(pk=Import.objects.get().run_id))


def test_an_import_with_mistakes_and_its_undo(page, sign_in, rita, line):
    sign_in(rita)("/accounts/import/new/")
    page.set_input_files("input[type=file]", {"name": "kunden.csv", "mimeType": "text/csv", "buffer": FILE.encode("cp1252")})
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_label("Webseite")).to_have_value("domain")
    assert_accessible(page)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="Checking")).to_be_visible()
    work_off()
    expect(page.get_by_text("Nothing is written yet.")).to_be_visible()  # the page has noticed by itself
    expect(page.get_by_role("row", name="A new record needs: Name.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Import 1 row").click()
    expect(page.get_by_role("heading", name="Importing")).to_be_visible()
    work_off()
    page.get_by_role("button", name="Undo the import").click()
    assert Account.objects.get().city == "Köln"
    expect(page.get_by_role("heading", name="Undoing")).to_be_visible()
    work_off()
    expect(page.get_by_text("Everything this import wrote was taken back.")).to_be_visible()
    assert not Account.objects.exists()
