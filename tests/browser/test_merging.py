"""Two accounts become one in a real browser and are taken apart again; a document fills the screen."""

import io
import sys
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from playwright.sync_api import expect

from accounts.models import Account, AccountPair, Contact
from accounts.services.documents import add_document

sys.path.insert(0, str(Path(__file__).parent))
from looking import assert_accessible, assert_fits, screenshot_matrix

pytestmark = pytest.mark.django_db(transaction=True)


def test_operations_merges_two_accounts_and_takes_it_back(page, sign_in, otto, rita, account_of):
    keep, drop = account_of(rita, "Acme Logistics"), account_of(rita, "ACME Logistics Inc.")
    Account.objects.filter(pk=drop.pk).update(industry="Mining", note="Ask for Olga.", domain="acme.example")
    Account.objects.filter(pk=keep.pk).update(industry="Steel", note="Closed on Mondays.")
    Contact.objects.create(account=drop, name="Olga Berg")
    AccountPair.objects.create(first=keep, second=drop, score=60, reasons=["same_name"])
    visit = sign_in(otto)
    visit("/accounts/duplicates/")
    screenshot_matrix(page, "duplicates", full_page=True)
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("link", name="Compare").click()
    page.get_by_label("Mining").check()
    screenshot_matrix(page, "merge", full_page=True)
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("is now part of Acme Logistics")).to_be_visible()
    expect(page.get_by_text("Closed on Mondays.")).to_be_visible()
    expect(page.get_by_text("Olga Berg").first).to_be_visible()
    visit(f"/accounts/{drop.pk}/")
    expect(page).to_have_url(f"{page.url.split('/accounts/')[0]}/accounts/{keep.pk}/")
    visit("/accounts/duplicates/")
    expect(page.get_by_text("Nothing you may see is here twice")).to_be_visible()


def test_a_merge_is_taken_back_from_its_toast(page, sign_in, otto, rita, account_of):
    keep, drop = account_of(rita, "Acme Logistics"), account_of(rita, "ACME Logistics Inc.")
    visit = sign_in(otto)
    visit(f"/accounts/{keep.pk}/merge/{drop.pk}/")
    page.get_by_role("button", name="Merge").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("taken back")).to_be_visible()
    assert Account.objects.filter(pk=drop.pk, name="ACME Logistics Inc.").exists()


def test_a_twin_is_met_while_the_name_is_typed(page, sign_in, rita, account_of):
    account_of(rita, "Acme Logistics")
    sign_in(rita)("/accounts/new/")
    page.get_by_label("Name").press_sequentially("acme logi")
    expect(page.get_by_role("link", name="Acme Logistics")).to_be_visible()
    assert_accessible(page)


def pdf():
    written = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(written, "PDF")
    return written.getvalue()


def test_a_pdf_and_a_picture_fill_the_screen(page, sign_in, rita, otto):
    drawn = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(drawn, "PNG")
    prices = add_document(upload=SimpleUploadedFile("prices.pdf", pdf()), title="Price list", actor=otto)
    pump = add_document(upload=SimpleUploadedFile("pump.png", drawn.getvalue()), title="Pump", actor=otto)
    visit = sign_in(rita)
    visit("/accounts/documents/")
    screenshot_matrix(page, "documents", full_page=True)
    assert_fits(page)
    assert_accessible(page)
    with page.expect_response(lambda answer: answer.url.endswith("/file/")) as answer:
        visit(f"/accounts/documents/versions/{prices.versions.get().pk}/")
    assert answer.value.status == 200 and answer.value.headers["content-type"] == "application/pdf"
    # A frame that the policy or X-Frame-Options refuses is put on Chromium's own error page.
    assert "chromewebdata" not in "".join(frame.url for frame in page.frames)
    screenshot_matrix(page, "document pdf")
    visit(f"/accounts/documents/versions/{pump.versions.get().pk}/")
    assert page.get_by_role("img", name="Pump").evaluate("picture => picture.naturalWidth") == 400
    assert_fits(page)
    assert_accessible(page)
