"""Asking customers how satisfied they are, their answers, reviews and referrals."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import Contact
from pipeline.models import CustomerFacts, Favour, Lead, Onboarding, Survey
from pipeline.services import satisfaction
from pipeline.services.customers import values_of
from pipeline.services.satisfaction import ask_survey, ask_what_is_due, mail_survey, whom_to_ask
from salesorg.jobs.models import OutboxMessage
from salesorg.lib.errors import DomainError
from salesorg.people.models import Organisation

TODAY = date.today()


@pytest.fixture
def account(account_of, rita):
    account = account_of(rita, "Acme")
    account.lifecycle = "customer"
    account.save()
    return account


@pytest.fixture
def ann(account):
    return Contact.objects.create(account=account, name="Ann", email="ann@acme.example", decision_role="user")


@pytest.fixture
def asked(account, ann, rita):
    return ask_survey(account=account, contact=ann, actor=rita)


def test_the_question_is_mailed_and_the_answer_counts_for_health(asked, account, rita, client, settings):
    message = OutboxMessage.objects.get(topic="pipeline.survey_mail")
    mail_survey(message.payload)
    address = reverse("pipeline:survey", args=[asked.token])
    assert mail.outbox[0].to == ["ann@acme.example"]
    assert address in mail.outbox[0].body
    page = client.get(address).content.decode()
    assert "Acme" not in page  # it says nothing about who is asked
    assert client.post(address, {"score": "11"}).status_code == 422
    assert client.post(address, {"score": "3", "words": "Too slow"}).status_code == 200
    asked.refresh_from_db()
    assert (asked.score, asked.words) == (3, "Too slow")
    assert values_of(CustomerFacts.objects.get(account=account), rita.today)["satisfaction"] == 3
    mail.outbox.clear()
    mail_survey(message.payload)  # a worker comes too late
    assert mail.outbox == []


def test_a_program_and_an_old_or_invented_address_answer_nothing(asked, client):
    address = reverse("pipeline:survey", args=[asked.token])
    assert client.post(address, {"score": "10", "website": "x"}).status_code == 200
    asked.refresh_from_db()
    assert asked.score is None
    Survey.objects.update(asked_at=asked.asked_at - timedelta(days=91))
    assert client.get(address).status_code == 404
    assert client.get(reverse("pipeline:survey", args=["invented"])).status_code == 404


def test_who_does_not_want_mail_is_not_asked_and_nobody_is_asked_too_often(account, ann, rita, asked):
    with pytest.raises(DomainError, match="within the last 60 days"):
        ask_survey(account=account, contact=ann, actor=rita)
    Survey.objects.all().delete()
    Contact.objects.filter(pk=ann.pk).update(do_not_contact=True)
    ann.refresh_from_db()
    with pytest.raises(DomainError, match="not to be contacted"):
        ask_survey(account=account, contact=ann, actor=rita)
    assert whom_to_ask(account) is None


def test_the_night_asks_once_after_an_onboarding_where_the_organisation_wants_it(account, ann, rita):
    Onboarding.objects.create(account=account, name="Usual", owner=rita, started_on=TODAY, ended_on=TODAY)
    assert ask_what_is_due(day=TODAY, actor=None) == 0
    Organisation.objects.update(asks_customers=True)
    assert ask_what_is_due(day=TODAY, actor=None) == 1
    assert ask_what_is_due(day=TODAY, actor=None) == 0
    assert Survey.objects.get().occasion == "onboarding"


def test_a_referral_brings_a_lead_and_counts_and_a_review_is_kept(account, rita, as_user):
    url = reverse("pipeline:favour_new", args=[account.pk])
    given = {"kind": "referral", "state": "given", "company": "", "person": "Bob", "email": "bob@beta.example"}
    assert as_user(rita).post(url, given).status_code == 422
    assert as_user(rita).post(url, given | {"company": "Beta"}).status_code == 302
    lead = Lead.objects.get()
    assert (lead.source.name, lead.account.name, Favour.objects.get().lead) == ("Referral", "Beta", lead)
    assert as_user(rita).post(url, {"kind": "review", "state": "given", "where": "In the trade paper"}).status_code == 302
    voice = as_user(rita).get(reverse("pipeline:account_voice", args=[account.pk])).content.decode()
    assert "In the trade paper" in voice
    assert reverse("pipeline:lead_detail", args=[lead.pk]) in voice


def test_a_favour_sent_twice_is_kept_once_and_brings_one_lead(account, rita, as_user):
    url = reverse("pipeline:favour_new", args=[account.pk])
    form = as_user(rita).get(url).context["form"]
    sent = {"kind": "referral", "state": "given", "company": "Beta", "client_id": str(form["client_id"].value())}
    for _click in range(2):
        assert as_user(rita).post(url, sent).status_code == 302
    assert (Favour.objects.count(), Lead.objects.count()) == (1, 1)
    other = as_user(rita).post(url, sent | {"state": "declined"})  # by the way back, and typed anew
    assert other.status_code == 422 and "Open it again" in other.content.decode()


def test_customers_who_cannot_be_asked_keep_nobody_from_being_asked(account, ann, rita, account_of, monkeypatch):
    Organisation.objects.update(asks_customers=True)
    monkeypatch.setattr(satisfaction, "AT_ONCE", 1)
    done = {"name": "Usual", "owner": rita, "started_on": TODAY, "ended_on": TODAY}
    Onboarding.objects.create(account=account, **done)
    Onboarding.objects.create(account=account_of(rita, "Nobody there"), **done)  # the latest is asked about first
    assert ask_what_is_due(day=TODAY, actor=None) == 1
    assert Survey.objects.get().account == account
