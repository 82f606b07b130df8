"""A lead from its first word to its deal: entered, found again, qualified, disqualified, opened again."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from accounts.models import Account, Contact
from pipeline.models import Arrival, Deal, DisqualificationReason, Lead, Source
from pipeline.services import assign_lead, disqualify_lead, qualify_lead, receive_lead, reopen_lead
from pipeline.services.leads import note_seller
from salesorg.lib.errors import DomainError

pytestmark = pytest.mark.django_db


def url(name, *args, **query):
    return reverse(f"pipeline:{name}", args=args, query=query or None)


@pytest.fixture
def fair(db):
    return Source.objects.create(name="Trade fair")


@pytest.fixture
def no_budget(db):
    return DisqualificationReason.objects.get_or_create(name="No budget")[0]


@pytest.fixture
def lead_of(fair):
    """An open lead that this person works, at a new prospect: lead_of(sol)."""

    def make(user, company="Globex", person="Ann Lee", **more):
        return receive_lead(source=fair, company=company, person=person, sdr=user, actor=more.pop("actor", user), **more).lead

    return make


@pytest.fixture
def deal_facts(stages):
    """What qualifying asks for."""

    def make(user, **more):
        facts = {"name": "Globex – Trade fair", "amount": 5000, "currency": "USD", "next_step": "First meeting"}
        days = {"close_date": user.today + timedelta(days=60), "next_step_on": user.today + timedelta(days=2)}
        return facts | days | {"stage": stages["Prospecting"]} | more

    return make


# entering


def test_a_new_company_becomes_a_prospect_with_a_contact_and_a_lead(sol, fair, as_user):
    typed = {"name": "Globex", "person": "Ann Lee", "email": "ann@globex.example", "source": fair.pk, "request": "Prices?"}
    page = as_user(sol).post(url("lead_new"), typed, follow=True)
    lead = Lead.objects.get()
    assert page.redirect_chain == [(lead.get_absolute_url(), 302)]
    assert (lead.account.name, lead.account.lifecycle, lead.account.domain) == ("Globex", "prospect", "globex.example")
    assert (lead.contact.name, lead.sdr, lead.source) == ("Ann Lee", sol, fair)
    assert "Prices?" in page.content.decode()


def test_a_company_exists_once_however_it_is_spelt(sol, fair, lead_of):
    first = lead_of(sol, email="ann@globex.example")
    for company, person, email in (
        ("GLOBEX Inc.", "Bob", ""),
        ("Globex Int.", "Cid", "cid@globex.example"),
        ("?", "", "ann@globex.example"),
    ):
        again = receive_lead(source=fair, company=company, person=person, email=email, actor=sol)
        assert again.lead.account == first.account
    assert Account.objects.count() == 1
    assert {contact.name for contact in Contact.objects.all()} == {"Ann Lee", "Bob", "Cid"}


def test_the_same_person_asking_again_is_one_lead_with_all_that_was_asked(sol, fair, lead_of):
    first = lead_of(sol, request="Prices?")
    again = receive_lead(source=fair, company="Globex", person="ann lee", request="And delivery?", actor=sol)
    assert (again.lead, again.is_new) == (first, False)
    assert [arrival.request for arrival in Arrival.objects.filter(lead=first)] == ["And delivery?", "Prices?"]


def test_a_decided_lead_stays_decided_when_they_ask_again(sol, fair, lead_of, no_budget):
    first = disqualify_lead(lead=lead_of(sol), reason=no_budget, actor=sol)
    again = receive_lead(source=fair, company="Globex", person="Ann Lee", actor=sol)
    assert again.is_new and again.lead.account == first.account and again.lead.contact == first.contact


def test_nobody_comes_by_a_hidden_account_by_typing_its_name(sol, tom, fair, account_of, as_user):
    account_of(tom, "Initech")
    page = as_user(sol).post(url("lead_new"), {"name": "Initech", "person": "X", "source": fair.pk})
    assert page.status_code == 422 and "covered by team South" in page.content.decode()
    assert not Lead.objects.exists()


def test_a_mistyped_form_says_what_is_missing_and_keeps_the_rest(sol, fair, as_user):
    page = as_user(sol).post(url("lead_new"), {"person": "Ann", "source": fair.pk})
    assert page.status_code == 422
    assert "type the company" in page.content.decode() and 'value="Ann"' in page.content.decode()


def test_whoever_works_a_lead_sees_its_account_until_it_is_decided(sol, tom, fair, account_of, no_budget):
    account = account_of(tom, "Initech")
    lead = receive_lead(source=fair, company="Initech", account=account, sdr=sol, actor=tom).lead
    assert account in Account.objects.visible_to(sol)
    disqualify_lead(lead=lead, reason=no_budget, actor=sol)
    assert account not in Account.objects.visible_to(sol)


def test_what_nobody_works_is_there_for_those_who_find_customers_and_nobody_else(sol, rita, mia, tom, fair, account_of):
    free = receive_lead(source=fair, company="Globex", actor=None).lead
    covered = receive_lead(source=fair, company="Initech", account=account_of(tom, "Initech"), actor=tom).lead
    for person, seen in ((sol, [free]), (mia, [free]), (rita, []), (tom, [covered])):
        assert list(Lead.objects.visible_to(person)) == seen, person


# qualifying


def test_qualifying_opens_the_deal_without_retyping(sol, lead_of, stages, as_user):
    lead = lead_of(sol)
    form = as_user(sol).get(url("lead_qualify", lead.pk)).context["form"]
    known = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    assert known["next_step"] == "First meeting with Ann Lee"
    typed = {name: getattr(value, "pk", value) for name, value in known.items()} | {"amount": "5000"}
    page = as_user(sol).post(url("lead_qualify", lead.pk), typed)
    deal = Deal.objects.get()
    assert page["Location"] == deal.get_absolute_url()
    lead.refresh_from_db()
    assert (deal.account, deal.owner, lead.deal, lead.outcome, lead.sdr) == (lead.account, sol, deal, "qualified", sol)


def test_the_sdr_stays_credited_when_another_owns_the_deal(sol, rita, lead_of, deal_facts):
    lead = lead_of(sol)
    qualify_lead(lead=lead, owner=rita, actor=sol, **deal_facts(sol))
    lead.refresh_from_db()
    assert (lead.sdr, lead.seller, lead.deal.owner) == (sol, rita, rita)


def test_qualifying_goes_on_to_hand_over_to_who_covers_the_account_and_who_accepts_stands_in_the_lead(
    sol, rita, account_of, lead_of, stages, as_user
):
    lead = lead_of(sol, account=account_of(rita))
    form = as_user(sol).get(url("lead_qualify", lead.pk)).context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    typed = {name: getattr(value, "pk", value) for name, value in typed.items()} | {"amount": "5000"}
    assert typed["hand_to"] == rita.pk
    answer = as_user(sol).post(url("lead_qualify", lead.pk), typed)
    deal = Deal.objects.get()
    assert answer["Location"] == url("handoff_new", deal.pk, to=rita.pk) and deal.owner == sol
    note_seller(deal, rita)
    lead.refresh_from_db()
    assert (lead.sdr, lead.seller) == (sol, rita)


def test_of_two_who_qualify_at_once_the_second_is_told_and_no_second_deal_is_opened(sol, mia, lead_of, deal_facts):
    seen_by_both = lead_of(sol)
    qualify_lead(lead=seen_by_both, owner=sol, actor=sol, **deal_facts(sol))
    stale = Lead(pk=seen_by_both.pk)
    with pytest.raises(DomainError, match="qualified meanwhile"):
        qualify_lead(lead=stale, owner=mia, actor=mia, **deal_facts(mia, name="Second"))
    assert Deal.objects.count() == 1


def test_a_deal_that_lacks_something_leaves_the_lead_open(sol, lead_of, stages, as_user):
    lead = lead_of(sol)
    page = as_user(sol).post(url("lead_qualify", lead.pk), {"name": "Globex", "amount": "-1", "close_date": "1900-01-01"})
    assert page.status_code == 422 and not Deal.objects.exists()
    lead.refresh_from_db()
    assert lead.is_open


# disqualifying, taking


def test_disqualifying_needs_a_reason_and_can_be_taken_back(sol, lead_of, no_budget, as_user):
    lead = lead_of(sol)
    assert as_user(sol).post(url("lead_disqualify", lead.pk), {"note": "?"}).status_code == 422
    as_user(sol).post(url("lead_disqualify", lead.pk), {"reason": no_budget.pk, "note": "Next year"})
    lead.refresh_from_db()
    assert (lead.outcome, lead.reason, lead.reason_note) == ("disqualified", no_budget, "Next year")
    as_user(sol).post(url("lead_reopen", lead.pk))
    lead.refresh_from_db()
    assert (lead.outcome, lead.reason, lead.decided_on) == ("open", None, None)
    with pytest.raises(DomainError, match="open already"):
        reopen_lead(lead=lead, actor=sol)


def test_no_lead_is_entered_for_somebody_without_a_role_in_sales(mia, fay, fair, as_user):
    answer = as_user(mia).post(url("lead_new"), {"name": "Globex", "source": fair.pk, "sdr": fay.pk})
    assert answer.status_code == 422 and "Fay has no role in sales today" in answer.content.decode()
    assert not Lead.objects.exists()


def test_a_free_lead_is_taken_once(sol, rita, mia, fair, as_user):
    lead = receive_lead(source=fair, company="Globex", actor=None).lead
    as_user(sol).post(url("lead_take", lead.pk))
    with pytest.raises(DomainError, match="Sol has taken this lead"):
        assign_lead(lead=lead, sdr=rita, actor=rita)
    late = as_user(rita).post(url("lead_take", lead.pk))
    assert (late.status_code, "Sol has taken this lead" in late.content.decode()) == (422, True)
    lead.refresh_from_db()
    assert lead.sdr == sol
    as_user(mia).post(url("lead_assign", lead.pk), {"sdr": rita.pk})
    lead.refresh_from_db()
    assert lead.sdr == rita


def test_the_number_somebody_leaves_is_theirs_and_stays_silent_when_they_do_not_want_to_be_called(sol, lead_of, as_user):
    lead = lead_of(sol, phone="+1 555 0199")
    assert (lead.contact.phone, lead.account.phone) == ("+1 555 0199", "")
    Contact.objects.update(do_not_contact=True)
    client = as_user(sol)
    for page in (lead.get_absolute_url(), lead.account.get_absolute_url(), url("lead_queue")):
        assert "tel:" not in client.get(page).content.decode()


# working one


def test_a_call_logged_from_the_queue_leads_back_to_its_lead(sol, lead_of, as_user):
    lead = lead_of(sol)
    client = as_user(sol)
    link = unescape(re.search(r'href="(/accounts/log/[^"]+)"', client.get(url("lead_queue")).content.decode())[1])
    form = client.get(link)
    assert form.context["form"].initial["kind"] == "call"
    logged = client.post(link, {"account": lead.account_id, "kind": "call", "outcome": "well"}, follow=True)
    assert logged.redirect_chain == [(lead.get_absolute_url(), 302)]
    elsewhere = link.partition("&next=")[0] + "&next=https://example.com/"
    assert client.post(elsewhere, {"account": lead.account_id, "kind": "call"}).url == lead.account.get_absolute_url()
