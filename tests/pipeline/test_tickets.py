"""Tickets of the first line: the queue, the clock to the first answer, disputes, and what they do to health."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from pipeline.engine.terms import months_after
from pipeline.models import CustomerFacts, Ticket
from pipeline.services.contracts import make_contract
from pipeline.services.customers import values_of
from pipeline.services.tickets import answer_ticket, open_ticket, reopen_ticket, take_ticket
from salesorg.lib.errors import DomainError
from salesorg.lib.pagination import place_of

FRIDAY = datetime(2026, 11, 20, 16, tzinfo=UTC)  # an hour before everybody goes home


@pytest.fixture
def account(account_of, rita):
    account = account_of(rita, "Acme")
    account.lifecycle = "customer"
    account.save()
    return account


@pytest.fixture
def ticket(account, rita):
    return open_ticket(account=account, subject="Scanner does not start", actor=rita)


def test_the_clock_counts_working_time_by_priority(account, rita):
    urgent = open_ticket(account=account, subject="Line stands still", priority=Ticket.Priority.URGENT, actor=rita, now=FRIDAY)
    usual = open_ticket(account=account, subject="How do I print?", actor=rita, now=FRIDAY)
    assert urgent.answer_by == datetime(2026, 11, 23, 10, tzinfo=UTC)  # an hour on Friday, one on Monday
    assert usual.answer_by == datetime(2026, 11, 23, 16, tzinfo=UTC)


def test_whoever_is_first_takes_a_ticket_from_the_teams_queue(ticket, rita, sam, as_user):
    page = as_user(rita).get(reverse("pipeline:ticket_list"))
    assert [each.pk for each in page.context["page"].rows] == [ticket.pk]
    stale = Ticket.objects.get(pk=ticket.pk)
    as_user(rita).post(reverse("pipeline:ticket_take", args=[ticket.pk]))
    with pytest.raises(DomainError, match="Rita has taken"):
        take_ticket(ticket=stale, owner=sam, actor=sam)
    assert not as_user(rita).get(reverse("pipeline:ticket_list")).context["page"].rows
    assert as_user(rita).get(reverse("pipeline:ticket_list"), {"whose": "mine"}).context["page"].rows


def test_today_has_my_tickets_and_for_the_first_line_what_nobody_has_taken(account, ticket, rita, cora, as_user):
    url = reverse("pipeline:waiting_for_me")
    assert ticket not in as_user(rita).get(url).context["tickets"]
    take_ticket(ticket=ticket, owner=rita, actor=rita)
    assert as_user(rita).get(url).context["tickets"] == [ticket]
    queued = open_ticket(account=account, subject="Who trains us?", actor=rita)
    page = as_user(cora).get(url)
    assert page.context["tickets"] == [queued]
    assert reverse("pipeline:ticket_take", args=[queued.pk]) in page.content.decode()
    answer_ticket(ticket=ticket, text="Restart it", then="waiting", actor=rita)
    assert not as_user(rita).get(url).context["tickets"]


def test_the_first_answer_stops_the_clock_and_a_note_among_ourselves_does_not(ticket, rita, as_user):
    answer_ticket(ticket=ticket, text="Ask the technician", is_answer=False, actor=rita)
    ticket.refresh_from_db()
    assert (ticket.answered_at, ticket.owner) == (None, rita)
    sent = {"text": "Press both buttons", "is_answer": "on", "then": "solved"}
    assert as_user(rita).post(reverse("pipeline:ticket_answer", args=[ticket.pk]), sent).status_code == 302
    ticket.refresh_from_db()
    first = ticket.answered_at
    assert first is not None
    assert ticket.state == "solved"
    reopen_ticket(ticket=ticket, actor=rita)
    answer_ticket(ticket=ticket, text="And hold them", actor=rita)
    ticket.refresh_from_db()
    assert (ticket.answered_at, ticket.state, ticket.solved_at) == (first, "open", None)
    page = as_user(rita).get(ticket.get_absolute_url()).content.decode()
    assert "Press both buttons" in page
    assert "among ourselves" in page


def test_a_dispute_is_about_a_contract_or_an_invoice_of_the_same_customer(account, rita, deal_of, as_user):
    url = reverse("pipeline:ticket_new", args=[account.pk])
    sent = {"subject": "Wrong sum", "kind": "dispute", "priority": 2}
    assert as_user(rita).post(url, sent).status_code == 422
    assert as_user(rita).post(url, sent | {"invoice": "2026-118"}).status_code == 302
    won = deal_of(rita, stage="Won", amount=Decimal(1), next_step="", next_step_on=None)
    facts = {"starts_on": date.today(), "until": months_after(date.today(), 12), "total": Decimal(1), "recurring": Decimal(1)}
    theirs = make_contract(deal=won, actor=rita, notice_days=0, **facts)
    with pytest.raises(DomainError, match="another account"):
        open_ticket(account=account, subject="Wrong term", kind="dispute", contract=theirs, actor=rita)


def test_open_tickets_stand_in_the_brief_and_weigh_on_health(account, ticket, rita, as_user):
    panel = reverse("pipeline:account_tickets", args=[account.pk])
    assert panel in as_user(rita).get(reverse("home:account_brief", args=[account.pk])).content.decode()
    assert ticket.subject in as_user(rita).get(panel).content.decode()

    def weigh():
        return values_of(CustomerFacts.objects.get(account=account), rita.today)["tickets"]

    assert weigh() == 1
    answer_ticket(ticket=ticket, text="Done", then="solved", actor=rita)
    assert weigh() == 0


def test_whoever_waits_for_a_first_answer_stands_before_who_has_had_one(account, rita, as_user):
    urgent = open_ticket(account=account, subject="Line stands still", priority=Ticket.Priority.URGENT, owner=rita, actor=rita)
    low = open_ticket(account=account, subject="How do I print?", priority=Ticket.Priority.LOW, owner=rita, actor=rita)
    answer_ticket(ticket=urgent, text="We are coming", actor=rita)
    page = as_user(rita).get(reverse("pipeline:ticket_list"), {"whose": "mine"}).context["page"]
    assert page.rows == [low, urgent]
    place = place_of(page.rows[0], ("answered", "answer_by", "pk"))
    assert as_user(rita).get(reverse("pipeline:ticket_list"), {"whose": "mine", "after": place}).context["page"].rows == [urgent]


def test_who_clicked_twice_takes_in_one(account, ticket, rita):
    with pytest.raises(DomainError, match="just taken this in"):
        open_ticket(account=account, subject=ticket.subject, actor=rita)
