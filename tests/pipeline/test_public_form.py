"""What strangers may do: ask by a web form, hand in as a partner; and what a flood of them may not."""

import time

import pytest
import redis
from django.conf import settings as conf
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Contact
from pipeline.forms.public import stamp
from pipeline.models import Arrival, Campaign, LandingPage, Lead, Source
from pipeline.services import disqualify_lead, receive_lead
from pipeline.views import public
from salesorg.lib import limits

pytestmark = pytest.mark.django_db
CONSENT = "You may write to me. I can take this back at any time."


@pytest.fixture(autouse=True)
def _counters_of_their_own():
    """Each test counts from nothing."""
    store = redis.Redis.from_url(conf.REDIS_URL)
    for key in store.scan_iter("limit:*"):
        store.delete(key)


@pytest.fixture
def autumn(db):
    source = Source.objects.create(name="Web site")
    fair = Campaign.objects.create(name="Autumn fair", source=source, cost=1000)
    return LandingPage.objects.create(name="Autumn", title="Talk to us", source=source, campaign=fair, consent=CONSENT)


@pytest.fixture
def partner(db):
    return Source.objects.create(name="Leadhouse", is_partner=True, token="a" * 22)


def typed(token, **more):
    facts = {"company": "Globex", "person": "Ann Lee", "email": "ann@globex.example", "request": "Prices?"}
    return facts | {"stamp": stamp(token, opened=time.time() - 60)} | more


def send(client, autumn, **more):
    return client.post(reverse("pipeline:landing_page", args=[autumn.token]), typed(autumn.token, **more))


def test_a_stranger_asks_and_a_lead_is_there_with_consent_and_campaign(client, autumn):
    shown = client.get(reverse("pipeline:landing_page", args=[autumn.token]))
    assert CONSENT in shown.content.decode()
    assert "Thank you" in send(client, autumn, consent="on").content.decode()
    lead, arrival = Lead.objects.get(), Arrival.objects.get()
    assert (lead.campaign, lead.landing_page, lead.account.name) == (autumn.campaign, "Autumn", "Globex")
    assert (arrival.consent, arrival.page, arrival.request) == (CONSENT, autumn, "Prices?")
    assert list(lead.contact.consents.values_list("channel", "given", "how", "recorded_by")) == [("email", True, "form", None)]


def test_nobody_s_withdrawal_is_undone_by_whoever_types_their_address(client, autumn, rita, account_of):
    from accounts.services import record_consent

    account = account_of(rita, "Globex")
    ann = Contact.objects.create(account=account, name="Ann Lee", email="ann@globex.example")
    record_consent(contact=ann, channel="email", given=False, how="phone", actor=rita)
    send(client, autumn, consent="on")
    ann.refresh_from_db()
    assert ann.refuses_email and Lead.objects.get().contact == ann


def test_a_known_company_and_a_new_one_are_answered_alike(client, autumn, tom, account_of):
    account_of(tom, "Initech")
    known, new = (
        send(client, autumn, company="Initech", email="x@y.example"),
        send(client, autumn, company="Hooli", email="a@b.example"),
    )
    assert known.content == new.content and Account.objects.filter(name="Initech").count() == 1


def test_a_form_sent_twice_is_stored_once(client, autumn):
    once = typed(autumn.token)
    for _each in range(2):
        assert client.post(reverse("pipeline:landing_page", args=[autumn.token]), once).status_code == 200
    assert Arrival.objects.count() == 1


def test_after_a_step_back_another_company_typed_into_the_same_form_is_stored_too(client, partner):
    address = reverse("pipeline:partner_page", args=[partner.token])
    once = typed(partner.token)
    for company in ("Globex", "Initech", "Initech"):
        sent = client.post(address, once | {"company": company, "email": "", "person": company})
        assert "it has arrived" in sent.content.decode() and sent["Cache-Control"] == "no-store"
    assert sorted(Arrival.objects.values_list("company", flat=True)) == ["Globex", "Initech"]


def test_programs_are_kept_out_without_a_word_to_them(client, autumn):
    assert "Thank you" in send(client, autumn, website="http://spam.example").content.decode()
    for wrong in (stamp(autumn.token), stamp("another", time.time() - 60), stamp(autumn.token, 1), "forged:x:y", ""):
        assert send(client, autumn, stamp=wrong).status_code == 422
    assert not Arrival.objects.exists()


def test_what_was_typed_wrong_keeps_the_rest(client, autumn):
    answer = send(client, autumn, email="no address", person="<b>Ann</b>\x00")
    assert answer.status_code == 422
    body = answer.content.decode()
    assert 'value="Globex"' in body and "<b>Ann" not in body


def test_a_page_is_framed_by_the_sites_it_names_and_by_no_other(client, autumn):
    address = reverse("pipeline:landing_page", args=[autumn.token])
    alone = client.get(address)
    assert "frame-ancestors 'none'" in alone["Content-Security-Policy"] and alone["X-Frame-Options"] == "DENY"
    autumn.embed_on = "https://www.example.com"
    autumn.save()
    framed = client.get(address)
    assert "frame-ancestors https://www.example.com;" in framed["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in framed and "frame-ancestors 'none'" in client.get("/sign-in/")["Content-Security-Policy"]


def test_a_site_to_be_framed_by_is_an_address_and_nothing_more(otto, autumn, as_user):
    address = reverse("pipeline:record_edit", args=["page", autumn.pk])
    facts = {"name": "Autumn", "title": "T", "source": autumn.source_id, "version": 1}
    for bad in ("https://a.example; script-src *", "*", "javascript:x", "https://a.example/path"):
        assert as_user(otto).post(address, facts | {"embed_on": bad}).status_code == 422, bad


def test_a_flood_is_told_to_wait_before_it_reaches_the_database(client, autumn, django_assert_num_queries):
    answers = [send(client, autumn, email=f"p{i}@globex.example").status_code for i in range(8)]
    assert answers == [200] * 6 + [429] * 2
    with django_assert_num_queries(0):
        refused = [send(client, autumn) for _each in range(20)]
    assert {answer.status_code for answer in refused} == {429}
    assert 0 < int(refused[0]["Retry-After"]) <= 3600 and "wait a little" in refused[0].content.decode()
    assert Arrival.objects.count() == 6


def test_many_addresses_at_one_form_fill_nothing(client, autumn, monkeypatch):
    monkeypatch.setattr(public, "BY_FORM", (limits.Limit(3, 60),))

    def one(i):
        return client.post(
            reverse("pipeline:landing_page", args=[autumn.token]), typed(autumn.token), REMOTE_ADDR=f"10.0.{i // 250}.{i % 250}"
        )

    assert [one(i).status_code for i in range(5)].count(429) == 2


def test_without_the_counters_the_database_still_holds_a_flood_off(client, autumn, monkeypatch):
    limits._store.cache_clear()
    monkeypatch.setattr(conf, "REDIS_URL", "redis://127.0.0.1:1/0")
    lead = receive_lead(source=autumn.source, company="Globex", actor=None).lead
    Arrival.objects.bulk_create(Arrival(lead=lead, path="form", source=autumn.source) for _each in range(120))
    answer = send(client, autumn)
    limits._store.cache_clear()
    assert answer.status_code == 429


@pytest.mark.parametrize("address", ["/ask/%00/", "/partner/a%00/", "/ask/%FF/"])
def test_an_address_that_cannot_be_read_is_no_page(client, organisation, address):
    assert client.get(address).status_code == 404


def test_a_closed_or_renewed_page_takes_nothing(client, otto, autumn, as_user):
    old = autumn.token
    autumn.is_open = False
    autumn.save()
    assert send(client, autumn).status_code == 404
    LandingPage.objects.filter(pk=autumn.pk).update(is_open=True)
    as_user(otto).post(reverse("pipeline:token_renew", args=["page", autumn.pk]))
    autumn.refresh_from_db()
    assert autumn.token != old
    assert client.get(reverse("pipeline:landing_page", args=[old])).status_code == 404


def test_a_partner_sees_what_became_of_the_own_hand_ins_and_of_nothing_else(client, partner, autumn, sol):
    send(client, autumn, company="Known Already", email="k@known.example", person="Kay")
    address = reverse("pipeline:partner_page", args=[partner.token])
    for company, mail in (("Umbrella", "u@umbrella.example"), ("Known Already", "k@known.example")):
        client.post(address, typed(partner.token, company=company, email=mail, person=company))
    lead = Lead.objects.get(account__name="Umbrella")
    disqualify_lead(lead=lead, reason=None, actor=sol)
    known = Lead.objects.get(account__name="Known Already")
    disqualify_lead(lead=known, reason=None, actor=sol)
    rows = client.get(address).context["rows"]
    assert [(company, state) for company, _at, state in rows] == [("Known Already", "received"), ("Umbrella", "disqualified")]


def test_that_a_hand_in_was_given_to_somebody_at_once_does_not_tell_that_the_company_is_known(client, partner, rita, account_of):
    account_of(rita, "Initech")
    address = reverse("pipeline:partner_page", args=[partner.token])
    for company in ("Initech", "Hooli"):
        client.post(address, typed(partner.token, company=company, email=f"ann@{company}.example", person=f"Ann {company}"))
    assert Lead.objects.get(account__name="Initech").sdr == rita
    assert {state for _company, _at, state in client.get(address).context["rows"]} == {"received"}
    Lead.objects.update(responded_at=timezone.now())
    assert {state for _company, _at, state in client.get(address).context["rows"]} == {"in_work"}


def test_a_range_of_addresses_that_one_customer_holds_counts_as_one(client, autumn):
    def one(address):
        return client.post(
            reverse("pipeline:landing_page", args=[autumn.token]), typed(autumn.token), REMOTE_ADDR=address
        ).status_code

    assert [one(f"2001:db8::{i:x}") for i in range(8)].count(429) == 2
    assert one("2001:db8:0:1::1") == one("::ffff:10.0.0.1") == 200


def test_cost_per_lead_and_per_win_lead_to_their_rows(client, autumn, otto, as_user, deal_of, rita):
    for i in range(4):
        send(client, autumn, company=f"Company {i}", email=f"a@c{i}.example", person=f"P {i}")
    lead = Lead.objects.first()
    Lead.objects.filter(pk=lead.pk).update(outcome="qualified", deal=deal_of(rita, stage="Won"))
    campaigns = as_user(otto).get(reverse("pipeline:campaign_list")).context["rows"]
    figures = campaigns[0][1]
    assert (figures.leads, figures.per_lead, figures.won, figures.per_win) == (4, 250, 1, 1000)
    listed = as_user(otto).get(reverse("pipeline:lead_list"), {"campaign": autumn.campaign_id, "outcome": "won"})
    assert listed.context["page"].rows == [lead]


def test_only_who_sets_up_sources_sees_a_partner_s_address(partner, sol, otto, as_user):
    for person, seen in ((sol, False), (otto, True)):
        body = as_user(person).get(reverse("pipeline:source_list")).content.decode()
        assert (partner.token in body) == seen
