"""Documents: versions that stay, who may see them, links that open one version until they end, and printed material."""

import io
from datetime import date, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InternalError, transaction
from django.test import Client
from PIL import Image

from accounts.models import Document, DocumentLink, DocumentVersion, PrintOrder
from accounts.services.documents import add_document, add_version, retire_document, revoke_link, send_document
from salesorg.audit.services import undo
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError

PDF = b"%PDF-1.4\n%%EOF\n"


def upload(body=PDF, name="prices.pdf"):
    return SimpleUploadedFile(name, body)


@pytest.fixture
def prices(otto):
    return add_document(upload=upload(), title="Price list", kind="price_list", actor=otto)


@pytest.fixture
def link(prices, rita):
    return send_document(version=prices.versions.get(), until=rita.today + timedelta(days=7), actor=rita)


def test_a_new_version_leaves_the_old_one_and_what_was_sent_of_it(prices, link, otto):
    add_version(document=prices, upload=upload(PDF + b"2027"), what_is_new="2027", actor=otto)
    body = b"".join(Client().get(f"{link.get_absolute_url()}file/").streaming_content)
    assert body == PDF
    with pytest.raises(InternalError), transaction.atomic():
        DocumentVersion.objects.filter(number=1).update(file_title="other.pdf")
    with pytest.raises(DomainError, match="version 2 already"):
        add_version(document=prices, upload=upload(PDF + b"2027"), actor=otto)


def test_a_document_is_taken_back_with_its_versions(otto):
    with acting(otto, "test") as click:
        add_document(upload=upload(), title="Price list", actor=otto)
    undo(context=click.context, actor=otto)
    assert not Document.objects.exists() and not DocumentVersion.objects.exists()


def test_who_may_see_is_asked_on_every_path(as_user, rita, tom, sol, otto, teams):
    mine = add_document(upload=upload(), title="For North", teams=[teams["north"]], actor=otto)
    add_document(upload=upload(PDF + b"1"), title="For SDRs", roles=[2], actor=otto)
    add_document(upload=upload(PDF + b"2"), title="For all", actor=otto)
    seen = {person: set(Document.objects.visible_to(person).values_list("title", flat=True)) for person in (rita, sol, tom, otto)}
    assert seen[rita] == {"For North", "For all"} and seen[sol] == {"For North", "For SDRs", "For all"}
    assert seen[tom] == {"For all"} and len(seen[otto]) == 3
    version = mine.versions.get().pk
    for path in (f"documents/{mine.pk}/", f"documents/versions/{version}/", f"documents/versions/{version}/file/"):
        assert as_user(tom).get(f"/accounts/{path}").status_code == 404
    assert as_user(tom).post(f"/accounts/documents/versions/{version}/send/", {"until": tom.today}).status_code == 404
    assert as_user(rita).get(f"/accounts/documents/versions/{version}/file/")["X-Frame-Options"] == "SAMEORIGIN"


def test_only_who_keeps_the_library_changes_it(as_user, rita, prices):
    assert as_user(rita).post(f"/accounts/documents/{prices.pk}/retire/").status_code == 403
    assert as_user(rita).post(f"/accounts/documents/{prices.pk}/versions/new/", {"upload": upload(PDF + b"x")}).status_code == 403


def test_operations_adds_a_document_on_the_page_and_a_program_is_refused_in_words(as_user, otto, rita):
    client = as_user(otto)
    facts = {"title": "Brochure", "kind": "brochure", "tags": "Pumps, Valves,  Pumps"}
    refused = client.post("/accounts/documents/new/", facts | {"upload": upload(b"MZ" + b"x" * 99, "brochure.pdf")})
    assert refused.status_code == 422 and "is a program" in refused.content.decode() and not Document.objects.exists()
    assert client.post("/accounts/documents/new/", facts | {"upload": upload()}).status_code == 302
    assert Document.objects.get().tags == ["Pumps", "Valves"]
    found = {tag: as_user(rita).get(f"/accounts/documents/?tag={tag}").context["rows"] for tag in ("Pumps", "Pipes")}
    assert [document.title for document, _version in found["Pumps"]] == ["Brochure"] and found["Pipes"] == []


def test_a_link_opens_its_version_without_signing_in_and_counts(link, as_user, rita):
    outside = Client()
    page = outside.get(link.get_absolute_url())
    assert page.status_code == 200 and "Rita sent you this" in page.content.decode()
    link.refresh_from_db()
    assert link.opens == 0  # who only looks at the page has not opened it
    assert outside.get(f"{link.get_absolute_url()}file/").status_code == 200
    link.refresh_from_db()
    assert link.opens == 1
    assert "opened once" in as_user(rita).get(link.version.document.get_absolute_url()).content.decode()


@pytest.mark.parametrize("how", ["withdrawn", "expired"])
def test_a_link_that_has_ended_says_so_and_nothing_of_what_it_opened(link, rita, how):
    later = link.expires_at + timedelta(seconds=1) if how == "expired" else link.created_at
    if how == "withdrawn":
        revoke_link(link=link, actor=rita)
    with time_machine.travel(later):
        for path in ("", "file/"):
            answer = Client().get(link.get_absolute_url() + path)
            assert answer.status_code == 410
            assert "This link has ended" in answer.content.decode() and "Price list" not in answer.content.decode()


def test_an_address_that_nobody_signed_opens_nothing(link):
    signed = link.get_absolute_url()
    for wrong in (signed.replace(f"/{link.pk}:", f"/{link.pk + 1}:"), signed[:-3] + "x/", "/accounts/shared/1/"):
        answer = Client().get(wrong)
        assert answer.status_code == 404 and "There is nothing here" in answer.content.decode()


def test_a_link_is_not_opened_without_end(link):
    address = f"{link.get_absolute_url()}file/"
    DocumentLink.objects.filter(pk=link.pk).update(stretch_began=link.created_at, stretch_opens=30, opens=30)
    with time_machine.travel(link.created_at + timedelta(seconds=30)):
        assert Client().get(address).status_code == 429
    with time_machine.travel(link.created_at + timedelta(seconds=61)):
        assert Client().get(address).status_code == 200


def test_a_document_out_of_use_is_not_sent(prices, rita, otto):
    retire_document(document=prices, actor=otto)
    prices.refresh_from_db()
    version = prices.versions.select_related("document").get()
    with pytest.raises(DomainError, match="no longer in use"):
        send_document(version=version, until=rita.today, actor=rita)


def test_a_document_of_an_account_is_seen_with_the_account(as_user, rita, tom, account_of):
    acme = account_of(rita, "Acme")
    answer = as_user(rita).post(
        f"/accounts/{acme.pk}/documents/new/", {"title": "Contract", "kind": "contract", "upload": upload()}
    )
    assert answer.status_code == 302
    document = Document.objects.get()
    assert "Contract" in as_user(rita).get(f"/accounts/{acme.pk}/documents/").content.decode()
    assert as_user(rita).get("/accounts/documents/").context["rows"] == []  # not in the library
    assert not Document.objects.visible_to(tom).exists()
    with pytest.raises(DomainError, match="another account"):
        send_document(version=document.versions.get(), account=account_of(rita, "Other"), until=rita.today, actor=rita)


def test_a_picture_is_shown_directly(as_user, rita, otto):
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(written, "PNG")
    document = add_document(upload=upload(written.getvalue(), "pump.png"), title="Pump", actor=otto)
    page = as_user(rita).get(f"/accounts/documents/versions/{document.versions.get().pk}/").content.decode()
    assert '<img src="' in page and "<iframe" not in page


def test_printed_material_adds_up_for_each_person_and_links_to_its_rows(as_user, rita, sam, tom, mia):
    for person, item, pieces, cost in ((rita, "Brochure", 100, "0.5"), (rita, "Flyer", 10, "0.25"), (sam, "Folder", 4, "2")):
        PrintOrder.objects.create(user=person, ordered_on=rita.today, item=item, pieces=pieces, unit_cost=cost)
    PrintOrder.objects.create(user=tom, ordered_on=rita.today, item="Poster", pieces=1, unit_cost=9)
    PrintOrder.objects.create(user=rita, ordered_on=date(rita.today.year - 1, 6, 1), item="Old flyer", pieces=1, unit_cost=7)
    page = as_user(mia).get("/accounts/printed/")
    assert (
        "0.50</td>" in page.content.decode() and f'<span class="unit">{mia.organisation.currency}</span>' in page.content.decode()
    )
    people = {row["user__name"]: (row["all_pieces"], str(row["cost"].normalize()), row["url"]) for row in page.context["people"]}
    assert people["Rita"][:2] == (110, "52.5") and people["Sam"][:2] == (4, "8") and "Tom" not in people
    rows = as_user(mia).get(f"/accounts/printed/{people['Rita'][2]}")
    assert {order.item for order, _cost in rows.context["rows"]} == {"Brochure", "Flyer"}
    before = as_user(mia).get(f"/accounts/printed/?year={rita.today.year - 1}")
    assert [order.item for order, _cost in before.context["rows"]] == ["Old flyer"]


def test_who_orders_for_a_stranger_is_refused(as_user, rita, tom):
    facts = {"ordered_on": rita.today, "item": "Brochure", "pieces": 10, "unit_cost": "0.5"}
    assert as_user(rita).post("/accounts/printed/new/", facts | {"user": tom.pk}).status_code == 422
    assert as_user(rita).post("/accounts/printed/new/", facts | {"user": rita.pk}).status_code == 302
    assert PrintOrder.objects.get().user == rita


def test_the_address_of_a_link_is_kept_in_no_log(link, caplog):
    with caplog.at_level("INFO"):
        Client().get(f"{link.get_absolute_url()}file/")
    token = link.get_absolute_url().split("/")[-2]
    assert "/accounts/shared/" in caplog.text and token not in caplog.text
