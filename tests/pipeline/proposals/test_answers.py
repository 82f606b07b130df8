"""Proposals at the customer: read, accepted, refused; what stays hidden."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse

from pipeline.models import (
    LineCost,
)
from pipeline.services.proposals import latest_of
from pipeline.services.sending import accept_proposal, mail_letter, send_proposal, withdraw_proposal
from salesorg.jobs.models import OutboxMessage
from salesorg.lib.errors import DomainError

D = Decimal


def url(name, *args, **query):
    return reverse(f"pipeline:{name}", args=args, query=query or None)


def answer_of(client, version, **data):
    page = client.get(url("offer", version.token)).content.decode()
    stamp = re.search(r'name="stamp" value="([^"]+)"', page)[1]
    return client.post(url("offer", version.token), {"stamp": stamp, "person": "Ann Buyer", **data})


def rita_at(day):
    from datetime import UTC, datetime, time

    return datetime.combine(day, time(12), UTC)


def test_the_customer_reads_and_accepts(sent, write, client, at_once):
    other = write(sent.deal).proposal
    page = client.get(url("offer", sent.token)).content.decode()
    assert "$250.00" in page and "Dear &lt;b&gt;you" in page and "61.37" not in page and "Margin" not in page
    client.post(url("offer_opened", sent.token))
    client.post(url("offer_opened", sent.token))
    sent.refresh_from_db()
    assert (sent.state, sent.opens) == ("opened", 2) and sent.opened_at
    assert answer_of(client, sent, answer="accept").status_code == 422  # without the consent
    assert answer_of(client, sent, answer="accept", consent="on").status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.decided_name) == ("accepted", "Ann Buyer") and "I accept" in sent.consent
    assert latest_of(other).state == "not_chosen"
    sent.deal.refresh_from_db()
    assert sent.deal.status == "open"
    assert OutboxMessage.objects.filter(topic="pipeline.proposal_news", payload__what="accepted").exists()


def test_the_customer_says_no_and_why(sent, client, at_once):
    assert answer_of(client, sent, answer="reject", reason="").status_code == 422
    assert answer_of(client, sent, answer="reject", reason="Too dear").status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == ("rejected", "Too dear")
    with pytest.raises(DomainError):
        accept_proposal(version=sent, name="Ann", consent="Yes")


def test_an_address_ends_and_may_be_taken_back(sent, rita, client):
    later = sent.valid_until + timedelta(days=1)
    with pytest.raises(DomainError, match="no longer valid"):
        accept_proposal(version=sent, name="Ann", consent="Yes", now=rita_at(later))
    assert sent.state_on(later) == ("expired", "Expired")
    withdraw_proposal(version=sent, actor=rita)
    assert client.get(url("offer", sent.token)).status_code == 404
    assert client.get(url("offer_pdf", sent.token)).status_code == 404
    assert client.get(url("offer", "a" * 22)).status_code == 404


def test_colleagues_who_look_are_not_counted(sent, sam, as_user):
    client = as_user(sam)
    assert b"data-opened" not in client.get(url("offer", sent.token)).content
    client.post(url("offer_opened", sent.token))
    sent.refresh_from_db()
    assert sent.opens == 0


def test_the_pdf_is_made_once_and_goes_with_the_mail(rita, deal_of, write, client):
    version = send_proposal(proposal=write(deal_of(rita)).proposal, email="ann@buyer.example", actor=rita)
    message = OutboxMessage.objects.get(topic="pipeline.proposal_letter")
    mail_letter(message.payload)
    letter = mail.outbox[0]
    assert letter.to == ["ann@buyer.example"] and version.token in letter.body
    assert letter.attachments[0][1] == client.get(url("offer_pdf", version.token)).content
    assert letter.attachments[0][1].startswith(b"%PDF")
    withdraw_proposal(version=version, actor=rita)
    mail_letter(message.payload)
    assert len(mail.outbox) == 1


def test_cost_and_margin_stay_with_those_who_may(sent, rita, mia, as_user):
    cost = LineCost.objects.get()
    assert (cost.cost, cost.margin) == (D("122.74"), D("77.26"))
    pages = [sent.proposal.get_absolute_url(), reverse("audit:history", args=["pipeline_proposalversion", sent.pk])]
    for page in pages:
        assert not re.search(r"122\.74|77\.26|61\.37", as_user(rita).get(page).content.decode())
    assert "$77.26" in as_user(mia).get(pages[0]).content.decode()
    assert as_user(rita).get(reverse("audit:history", args=["pipeline_linecost", cost.pk])).status_code == 404
