"""Contacts to and from the address book of a phone."""

import re
from datetime import date
from time import process_time

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Contact, Export
from accounts.vcard import Card, read_cards
from salesorg.people.roles import Role

IDA = {"name": "Ida Berg; CEO, Nordal", "position": "Head\nof IT", "email": "ida@nordal.example", "phone": "+47 12 34"}


def test_a_card_says_what_is_known_and_escapes_it(as_user, rita, account_of):
    account = account_of(rita, "Nordal, Ltd")
    account.street, account.city = "Gate 1; B", "Oslo"
    account.save()
    contact = Contact.objects.create(account=account, **IDA)
    answer = as_user(rita).get(f"/accounts/contacts/{contact.pk}/vcard/")
    assert answer["Content-Type"] == "text/vcard; charset=utf-8"
    content = answer.getvalue()
    lines = content.decode().split("\r\n")
    assert lines[:2] == ["BEGIN:VCARD", "VERSION:4.0"]
    assert r"FN:Ida Berg\; CEO\, Nordal" in lines
    assert r"ORG:Nordal\, Ltd" in lines
    assert r"TITLE:Head\nof IT" in lines
    assert r"ADR;TYPE=work:;;Gate 1\; B;Oslo;;;" in lines
    assert "TEL;TYPE=work:+47 12 34" in lines
    assert [card.name for card in read_cards(content)] == [IDA["name"]]


def test_who_is_not_to_be_contacted_leaves_without_number_and_address(as_user, rita, account_of):
    contact = Contact.objects.create(account=account_of(rita), **IDA | {"do_not_contact": True})
    text = as_user(rita).get(f"/accounts/contacts/{contact.pk}/vcard/").getvalue().decode()
    assert "TEL" not in text
    assert "EMAIL" not in text
    assert "is not to be contacted" in text


def test_long_lines_are_folded_between_letters(as_user, rita, account_of):
    account = account_of(rita)
    Contact.objects.create(account=account, name="Ø" * 100)
    content = b"".join(as_user(rita).post(f"/accounts/export/contacts/?account={account.pk}", {"format": "vcf"}))
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert read_cards(content)[0].name == "Ø" * 100


OLD = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCl=\r\nler;Eva;;;\r\n"
    b"TEL;CELL:+49 1\r\nEND:VCARD\r\n"
)
PHONE = (
    b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Dahl;Ola;;;\r\nFN:Ola Dahl\r\nitem1.EMAIL;type=INTERNET:ola@nordal.exam\r\n ple\r\n"
    b"TITLE:CTO\\, Nordal\r\nPHOTO;ENCODING=b:AAAA\r\n AAAA=\r\nEND:VCARD\r\n"
)


def test_cards_of_old_and_new_phones_are_read():
    assert read_cards(OLD + PHONE) == [
        Card("Eva Müller", phone="+49 1"),
        Card("Ola Dahl", position="CTO, Nordal", email="ola@nordal.example"),
    ]


def send(browser, account, content):
    return browser.post(f"/accounts/{account.pk}/vcards/import/", {"file": SimpleUploadedFile("a.vcf", content)})


def test_a_file_of_cards_becomes_contacts_once(as_user, rita, account_of):
    account, browser = account_of(rita), as_user(rita)
    assert send(browser, account, OLD + PHONE).status_code == 302
    assert send(browser, account, OLD + PHONE).status_code == 302
    assert sorted(account.contacts.values_list("name", flat=True)) == ["Eva Müller", "Ola Dahl"]


def test_a_card_that_does_not_fit_is_named_and_nothing_is_added(as_user, rita, account_of):
    account = account_of(rita)
    answer = send(as_user(rita), account, OLD + PHONE.replace(b"ola@nordal", b"ola nordal"))
    assert answer.status_code == 422
    assert "Card 2, Ola Dahl: Enter a valid email address. Nothing was added." in answer.content.decode()
    assert account.contacts.count() == 0
    assert "no contact in this file" in send(as_user(rita), account, b"\x00\xff nonsense").content.decode()


def test_a_card_of_a_hundred_thousand_pieces_is_read_like_any_other():
    lines = ["BEGIN:VCARD", "FN:Ida Berg", "NOTE;QUOTED-PRINTABLE:=", *["one=20word="] * 100_000, "", "END:VCARD"]
    started = process_time()
    assert [card.name for card in read_cards("\n".join(lines).encode())] == ["Ida Berg"]
    assert process_time() - started < 3  # as a chain of ever longer texts it took ten times that


def test_the_cards_of_many_are_an_export_noted_and_refused_like_one(as_user, rita, person, account_of, teams):
    account = account_of(rita, "Nordal")
    for name, left_on in (("Ida", None), ("Ola", date(2026, 1, 1))):
        Contact.objects.create(account=account, name=name, left_on=left_on)
    page = as_user(rita).get(account.get_absolute_url()).text
    address = re.search(r'action="(/accounts/export/contacts/[^"]*)"', page)[1].replace("&amp;", "&")
    answer = as_user(rita).post(address, {"format": "vcf"})
    assert [card.name for card in read_cards(answer.getvalue())] == ["Ida"]
    made = Export.objects.visible_to(rita).get()
    assert (made.format, made.count) == ("vcf", 1)
    technician = as_user(person("teo", "north", Role.TECHNICIAN))
    assert "/accounts/export/" not in technician.get(account.get_absolute_url()).text
    assert technician.post(address, {"format": "vcf"}).status_code == 403
    assert as_user(rita).post("/accounts/export/accounts/", {"format": "vcf"}).status_code == 422
