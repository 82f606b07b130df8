"""After the sale two people do the same at the same moment: it is done once, and nothing of either is lost."""

from datetime import date, timedelta
from decimal import Decimal
from threading import Event

import pytest
from django.db import transaction
from django.urls import reverse

from pipeline.models import DealMember, Onboarding, Playbook, PlaybookStep, Ticket, TicketNote
from pipeline.services import Share, set_members
from pipeline.services.contracts import amend_contract, make_contract
from pipeline.services.onboarding import start_onboarding
from pipeline.services.tickets import answer_ticket, open_ticket
from salesorg.lib.errors import DomainError
from salesorg.people.roles import Role
from salesorg.people.services.leaving import deactivate_person
from tests.pipeline.test_two_at_once import together

TODAY = date.today()


@pytest.fixture
def begin(db, deal_of, rita):
    """Begin the one playbook there is, for the one deal there is: begin(cora, deal=deal)."""
    playbook = Playbook.objects.create(name="Usual")
    PlaybookStep.objects.create(playbook=playbook, name="Kick-off", role=Role.CSM, day=1)
    deal = deal_of(rita, stage="Won")

    def of(who, **facts):
        about = {"account": deal.account, "playbook": playbook, "starts_on": TODAY}
        return lambda: start_onboarding(**about, owner=who, actor=who, **dict.fromkeys(facts, deal))

    return of


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("facts", [{}, {"deal": True}])
def test_of_two_who_begin_a_playbook_one_begins_it(begin, cora, sam, facts):
    answers = together(begin(cora, **facts), begin(sam, **facts))
    assert Onboarding.objects.count() == 1
    assert all(isinstance(answer, (Onboarding, DomainError)) for answer in answers)


@pytest.mark.django_db(transaction=True)
def test_a_ticket_taken_in_twice_by_one_who_clicked_twice_is_there_once(rita, account_of):
    account = account_of(rita)

    def take_in():
        return open_ticket(account=account, subject="Broken", actor=rita)

    answers = together(take_in, take_in)
    assert sorted(type(answer).__name__ for answer in answers) == ["DomainError", "Ticket"]
    assert Ticket.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_nobody_who_is_just_leaving_gets_a_share(rita, sam, tom, ada, deal_of):
    deal = deal_of(rita)
    leaving, given = Event(), Event()

    def leave():
        with transaction.atomic():
            deactivate_person(person=sam, on=sam.today, actor=ada, to=tom)
            leaving.set()
            given.wait(timeout=0.5)  # the other one waits for us

    def share():
        leaving.wait(timeout=10)
        try:
            set_members(deal=deal, shares=[Share(rita, Role.AE, 6000), Share(sam, Role.AE, 4000)], actor=rita)
        finally:
            given.set()

    assert "no longer works here" in str(together(leave, share)[1])
    assert not DealMember.objects.filter(user=sam).exists()


def test_who_amends_what_a_colleague_has_just_amended_hears_of_it_and_may_then_replace_it(rita, sam, deal_of, as_user):
    deal = deal_of(rita, stage="Won", close_date=TODAY, next_step="", next_step_on=None)
    term = {"starts_on": TODAY, "until": TODAY + timedelta(days=365), "notice_days": 30}
    contract = make_contract(deal=deal, actor=rita, total=Decimal(1000), recurring=Decimal(1000), **term)
    url = reverse("pipeline:contract_amend", args=[contract.pk])
    page = as_user(rita).get(url)
    mine = page.context["form"].initial | {"total": "1100", "recurring": "1100", "reason": "Ten seats"}
    theirs = {"from_day": TODAY, "total": Decimal(1200), "recurring": Decimal(1200), "reason": "Twenty seats"}
    amend_contract(contract=contract, actor=sam, **theirs)
    refused = as_user(rita).post(url, mine)
    assert refused.status_code == 422 and "it is worth $1,200.00 a year" in refused.content.decode()
    assert contract.values.count() == 2
    again = {name: refused.context["form"][name].value() for name in mine}
    assert as_user(rita).post(url, again).status_code == 302
    assert contract.values.latest("pk").total == 1100


def test_an_answer_sent_twice_is_said_once(rita, account_of):
    ticket = open_ticket(account=account_of(rita), subject="Broken", actor=rita)
    for _click in range(2):
        answer_ticket(ticket=ticket, text="Turn it off and on", actor=rita)
    answer_ticket(ticket=ticket, text="Now?", actor=rita)
    assert TicketNote.objects.count() == 2
