"""Leads by e-mail: who wrote is marked when it is not proven, attachments stay out, the same letter is stored once."""

import io
import time
from email.message import EmailMessage

import pytest
from django.core.management import CommandError, call_command

from pipeline.engine.fit import Rule, fit
from pipeline.letters import READ, read_letter
from pipeline.models import Arrival, FitRule, Lead, Source
from pipeline.services.intake import receive_lead
from pipeline.services.mail_intake import TryLater, receive_letter
from salesorg.lib.errors import DomainError

OURS = "mx.northwind.example"


@pytest.fixture
def mailbox(db, settings):
    settings.TRUSTED_MAIL_SERVER = OURS
    return Source.objects.create(name="sales@")


def letter(sender="Ann Lee <ann@globex.example>", text="Please call me.", **headers):
    message = EmailMessage()
    message["From"], message["Subject"] = sender, "Prices"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def take(mailbox, message):
    raw = message if isinstance(message, bytes) else message.as_bytes()
    return receive_letter(stream=io.BytesIO(raw), source=mailbox)


def test_a_letter_becomes_a_lead_of_the_company_of_its_sender(mailbox, account_of, rita):
    account = account_of(rita, "Globex")
    type(account).objects.filter(pk=account.pk).update(domain="globex.example")
    take(mailbox, letter(Authentication_Results=f"{OURS}; dmarc=pass header.from=globex.example"))
    lead, arrival = Lead.objects.get(), Arrival.objects.get()
    assert (lead.account, lead.contact.name, arrival.warning) == (account, "Ann Lee", "")
    assert arrival.request == "Prices\n\nPlease call me."


@pytest.mark.parametrize(
    "said",
    [
        "",
        "mx.forger.example; dmarc=pass",
        f"{OURS}; dmarc=fail; spf=pass smtp.mailfrom=x@forger.example",
        f"{OURS}.forger.example; dmarc=pass",
        f"{OURS}; dkim=pass header.d=notglobex.example",
        f"{OURS}; spf=pass smtp.mailfrom=dmarc=pass@forger.example",
        f'{OURS}; spf=pass smtp.mailfrom="header.d=globex.example; dmarc=pass"@forger.example',
        f"{OURS}; dkim=fail (dmarc=pass; dkim=pass header.d=globex.example) header.d=globex.example",
        f"{OURS}; dmarc=pass header.from=forger.example",
    ],
)
def test_a_sender_that_our_own_mail_server_did_not_find_genuine_is_marked(mailbox, said):
    take(mailbox, letter(**({"Authentication_Results": said} if said else {})))
    assert Arrival.objects.get().warning == "The sender is not proven: this may not come from ann@globex.example."


def test_what_a_forger_wrote_below_our_server_s_word_counts_for_nothing(mailbox):
    raw = letter().as_bytes()
    forged = f"Authentication-Results: {OURS}; dmarc=fail\r\nAuthentication-Results: {OURS}; dmarc=pass\r\n".encode() + raw
    take(mailbox, forged)
    assert Arrival.objects.get().warning


def test_thirty_megabytes_are_taken_and_their_attachment_left_out(mailbox):
    message = letter()
    message.add_attachment(b"\0" * 22_000_000, maintype="application", subtype="zip", filename="a.zip")
    raw = message.as_bytes()
    assert len(raw) > 25 * READ
    take(mailbox, raw)
    arrival = Arrival.objects.get()
    assert arrival.request.endswith("Please call me.") and "Attachments were left out (28" in arrival.warning


def test_a_letter_brought_twice_is_stored_once_and_an_automatic_answer_not_at_all(mailbox):
    for _each in range(2):
        take(mailbox, letter(Message_ID="<1@globex.example>"))
    assert take(mailbox, letter(Auto_Submitted="auto-replied")).startswith("Left out")
    assert Arrival.objects.count() == 1


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\x00garbage", b"From: nobody\n\nx", b"From: =?utf-8?q?=00?= <a@b.example\x00>\n\nx"]
)
def test_what_is_no_letter_is_refused_in_words_or_read_as_far_as_it_goes(mailbox, raw):
    try:
        take(mailbox, raw)
    except DomainError as refused:
        assert "no sender" in str(refused)


def test_html_is_read_without_its_tags_and_scripts(mailbox):
    message = EmailMessage()
    message["From"] = "ann@globex.example"
    message.set_content("<style>p{}</style><p>Call&nbsp;me</p><script>alert(1)</script>", subtype="html")
    take(mailbox, message)
    assert Arrival.objects.get().request.replace("\xa0", " ") == "Call me"


@pytest.mark.parametrize("flood", ["<script", "<!--", "<", "</p", "<style><br "])
def test_a_megabyte_of_beginnings_is_read_at_once(mailbox, flood):
    raw = b"From: ann@globex.example\nContent-Type: text/html\n\nCall me " + flood.encode() * (READ // len(flood) - 100)
    began = time.monotonic()
    take(mailbox, raw)
    assert time.monotonic() - began < 5 and Arrival.objects.get().request.startswith("Call me")


def test_parts_within_parts_without_end_do_no_harm_and_an_address_of_a_page_is_no_sender(mailbox):
    nested = "".join(f'Content-Type: multipart/mixed; boundary="{i}"\n\n--{i}\n' for i in range(3_000))
    take(mailbox, f"From: ann@globex.example\n{nested}".encode())
    assert Arrival.objects.get().email == "ann@globex.example"
    with pytest.raises(DomainError, match="no sender"):
        take(mailbox, f"From: ann@{'x' * 300}.example\n\nCall me".encode())


@pytest.mark.parametrize("header", ["From", "Subject", "Content-Type", "Content-Disposition", "Message-ID"])
@pytest.mark.parametrize("flood", ["(", '"', "a,", ";a=b"])
def test_a_header_without_end_is_read_at_once(header, flood):
    raw = f"{header}: text/plain{flood * 100_000}\nFrom: ann@globex.example\n\nCall me" + "\n--b\n\nx" * 30_000
    began = time.monotonic()
    read_letter(raw.encode())
    assert time.monotonic() - began < 1


def test_two_people_whose_programs_number_letters_alike_are_both_heard(mailbox):
    for sender in ("ann@globex.example", "bob@initech.example"):
        take(mailbox, letter(sender, Message_ID="<1@localhost>"))
    assert Arrival.objects.count() == 2


def test_in_a_flood_the_mail_server_keeps_the_letter_and_tries_again(mailbox, tmp_path):
    lead = receive_lead(source=mailbox, company="Globex", actor=None).lead
    Arrival.objects.bulk_create(Arrival(lead=lead, path="email", source=mailbox) for _each in range(120))
    with pytest.raises(TryLater):
        take(mailbox, letter())
    file = tmp_path / "letter.eml"
    file.write_bytes(letter().as_bytes())
    with pytest.raises(CommandError) as refused:
        call_command("receive_email", "sales@", file=file)
    assert refused.value.returncode == 75


def test_fit_adds_the_points_of_what_is_known_and_says_why(mailbox, sol, as_user):
    rules = [
        Rule("employees", "at_least", "200", 70),
        Rule("industry", "is", "retail, Toys", 50),
        Rule("revenue", "at_most", "5", -9),
        Rule("position", "known", "", 5),
    ]
    found = fit({"employees": 200, "industry": "toys", "revenue": None, "position": ""}, rules)
    assert (found.score, [reason[0] for reason in found.reasons]) == (100, [70, 50])
    FitRule.objects.create(field="source", test="is", value="SALES@", points=40)
    lead = receive_lead(source=mailbox, company="Globex", sdr=sol, actor=sol).lead
    page = as_user(sol).get(lead.get_absolute_url()).content.decode()
    assert "40 of 100" in page and "Source is sales@" in page
