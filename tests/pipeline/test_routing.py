"""To whom a lead that arrives goes, why, and the clock that runs until somebody answers."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.services import log_activity
from pipeline.engine.routing import Candidate, Claim, route
from pipeline.models import Arrival, Lead, Source, SourceWorker
from pipeline.services import assign_lead, receive_lead
from pipeline.services.response import mail_late, watch_clocks
from salesorg.jobs.models import OutboxMessage
from salesorg.people.models import Absence
from salesorg.people.roles import Role

MONDAY = datetime(2026, 11, 16, 10, tzinfo=UTC)  # within Monday to Friday, nine to five


def after(hours):
    return MONDAY + timedelta(hours=hours)


# the rule alone


def test_whoever_works_the_company_already_comes_before_whoever_covers_it():
    ann, bob = Candidate(1, "Ann"), Candidate(2, "Bob")
    assert route(colleague=ann, claims=[Claim(bob, "coverage")], now=MONDAY).user == 1
    assert route(colleague=Candidate(1, "Ann", is_away=True), claims=[Claim(bob, "coverage")], now=MONDAY).user == 2


def test_in_turn_means_who_had_none_longest_and_load_means_who_holds_fewest():
    ann = Candidate(1, "Ann", open_leads=1, last_given=after(-1), works_next=MONDAY)
    bob = Candidate(2, "Bob", open_leads=9, last_given=after(-2), works_next=MONDAY)
    new = Candidate(3, "New", open_leads=5, works_next=MONDAY)
    assert route(workers=[ann, bob, new], way="round_robin", now=MONDAY).user == 3
    assert route(workers=[ann, bob], way="round_robin", now=MONDAY).user == 2
    assert route(workers=[ann, bob, new], way="least_loaded", now=MONDAY).user == 1


def test_those_at_work_come_before_those_who_begin_later_and_nobody_is_given_too_many():
    full = Candidate(1, "Full", open_leads=3, most_open=3, works_next=MONDAY)
    later = Candidate(2, "Later", works_next=after(5))
    latest = Candidate(3, "Latest", works_next=after(20))
    at_work = Candidate(4, "Here", open_leads=50, works_next=MONDAY)
    assert route(workers=[full, later, latest, at_work], way="least_loaded", now=MONDAY).user == 4
    assert route(workers=[full, latest, later], way="least_loaded", now=MONDAY).user == 2
    nobody = route(workers=[full, Candidate(5, "Away", is_away=True)], way="round_robin", now=MONDAY)
    assert (nobody.user, nobody.facts) == (None, {"why": "none_free", "away": 1, "full": 1, "of": 2})


# in the organisation


@pytest.fixture
def inbound(person):
    """Two inbound SDRs of North."""
    return person("ida", "north", Role.SDR_INBOUND), person("ivo", "north", Role.SDR_INBOUND)


@pytest.fixture
def web(db):
    return Source.objects.create(name="Web site", routing=Source.Routing.ROUND_ROBIN, answer_minutes=60)


@pytest.fixture
def arrives(web):
    """A company asks by itself: arrives("Globex", at=MONDAY)."""

    def make(company, at=MONDAY, **more):
        return receive_lead(source=web, company=company, person="Ann", actor=None, now=at, **more).lead

    return make


def test_leads_go_round_and_each_says_why(inbound, arrives):
    leads = [arrives(f"Company {word}", at=after(i / 10)) for i, word in enumerate(("one", "two", "three"))]
    assert [lead.sdr for lead in leads] == [inbound[0], inbound[1], inbound[0]]
    assert leads[1].rule_words == "Ivo was next in turn; 2 of 2 were at work"


def test_whoever_is_away_gets_none_and_a_covered_customer_goes_to_who_covers_it(inbound, rita, account_of, arrives):
    Absence.objects.create(user=inbound[0], during=DateRange(date(2026, 11, 16), date(2026, 11, 17)), reason="leave")
    assert arrives("Globex").sdr == inbound[1]
    lead = arrives("Rita's customer", account=account_of(rita))
    assert (lead.sdr, lead.rule, lead.rule_words) == (rita, "coverage", "Rita covers this account: test")


def test_a_named_worker_who_is_full_leaves_it_waiting_and_it_says_so(inbound, web, arrives):
    SourceWorker.objects.create(source=web, user=inbound[1], most_open=1)
    assert arrives("Globex").sdr == inbound[1]
    waiting = arrives("Initech")
    assert (waiting.sdr, waiting.rule_words) == (None, "nobody of 1 was free: 0 away, 1 with as many as they may hold")


# the clock


def test_the_clock_runs_in_the_working_time_of_whoever_works_the_lead(inbound, arrives):
    friday_evening = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    assert arrives("Globex", at=friday_evening).respond_by == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def test_an_activity_at_the_account_stops_the_clock_by_whatever_path_and_a_note_does_not(inbound, arrives):
    lead = arrives("Globex")
    log_activity(account=lead.account, kind="note", done_at=after(0.1), actor=inbound[0])
    assert watch_clocks(now=after(0.2)) == (0, 0)
    log_activity(account=lead.account, kind="call", done_at=after(0.5), actor=inbound[0])
    assert watch_clocks(now=after(3)) == (1, 0)
    lead.refresh_from_db()
    assert (lead.responded_at, lead.escalated_at) == (after(0.5), None)


def test_a_lead_that_is_late_is_told_once_to_who_leads_and_not_when_it_was_answered(inbound, mia, otto, arrives):
    lead = arrives("Globex")
    assert [watch_clocks(now=after(hours))[1] for hours in (0.9, 1.1, 1.2)] == [0, 1, 0]
    message = OutboxMessage.objects.get(topic="pipeline.lead_late")
    mail_late(message.payload)
    assert [(each.to, each.subject) for each in mail.outbox] == [([mia.email], "Not answered in time: Globex")]
    log_activity(account=lead.account, kind="email", done_at=after(2), actor=inbound[0])
    mail_late(message.payload)
    assert len(mail.outbox) == 1


def test_a_company_whose_name_has_lines_still_makes_a_mail(inbound, mia, arrives):
    arrives("Globex\rBcc: all@northwind.example")
    watch_clocks(now=after(1.1))
    mail_late(OutboxMessage.objects.get(topic="pipeline.lead_late").payload)
    assert [each.subject for each in mail.outbox] == ["Not answered in time: Globex Bcc: all@northwind.example"]


def test_another_person_brings_the_clock_of_their_own_hours(inbound, sol, arrives):
    from salesorg.people.models import WorkingDay

    WorkingDay.objects.create(user=sol, weekday=1, opens="08:00", closes="12:00")
    lead = assign_lead(lead=arrives("Globex"), sdr=sol, actor=sol)
    assert lead.respond_by == datetime(2026, 11, 17, 9, tzinfo=UTC)


def test_the_queue_shows_first_what_is_due_first_until_it_is_answered(sol, web, arrives, as_user):
    web.answer_minutes = 600
    web.save()
    now = datetime.now(UTC)
    free, second, first = (arrives(name, at=now - timedelta(hours=hours)) for name, hours in (("Free", 1), ("B", 1), ("A", 200)))
    Lead.objects.filter(pk__in=[first.pk, second.pk]).update(sdr=sol)
    page = as_user(sol).get(reverse("pipeline:lead_queue"))
    assert page.context["page"].rows == [first, second]
    assert as_user(sol).get(reverse("pipeline:lead_queue"), {"whose": "free"}).context["page"].rows == [free]
    log_activity(account=first.account, kind="call", actor=sol)
    assert as_user(sol).get(reverse("pipeline:lead_queue")).context["page"].rows == [second]


def test_the_queue_reads_what_was_asked_last_and_not_all_that_one_person_ever_sent(sol, web, arrives, as_user):
    lead = arrives("Globex", email="ann@globex.example", sdr=sol, request="First")
    Arrival.objects.bulk_create(
        Arrival(lead=lead, path="form", source=web, request=f"Again {i}", at=after(i)) for i in range(1, 30)
    )
    with CaptureQueriesContext(connection) as read:
        page = as_user(sol).get(reverse("pipeline:lead_queue"))
    assert "Again 29" in page.content.decode() and "Again 28" not in page.content.decode()
    asked = next(each["sql"] for each in read if 'SELECT DISTINCT ON ("pipeline_arrival"' in each["sql"])
    with connection.cursor() as cursor:
        cursor.execute(asked)
        assert cursor.rowcount == 1


def test_the_day_of_an_sdr_begins_with_the_queue(sol, rita, client):
    from tests.conftest import PASSWORD

    for person, first in ((sol, "/queue/"), (rita, "/")):
        answer = client.post(reverse("people:sign_in"), {"username": person.email, "password": PASSWORD, "next": "/"})
        assert answer["Location"] == first
        client.logout()
