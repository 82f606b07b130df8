"""Leads that arrive go to whom the territory plan says, with the rule and the reason."""

from datetime import UTC, date, datetime

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import Account
from pipeline.engine.routing import Candidate, Claim, route
from pipeline.models import Lead, Source, SourceWorker
from pipeline.services import receive_lead
from salesorg.people.models import Absence
from salesorg.people.roles import Role
from territories import engine
from territories.models import Force
from territories.services import create_force, create_plan, create_territory, open_seat, place

MONDAY = datetime(2026, 11, 16, 10, tzinfo=UTC)
START = date(2024, 1, 1)
SDR, AE = Role.SDR_OUTBOUND, Role.AE


def test_the_nearest_seat_comes_first_and_who_qualifies_before_who_sells():
    places = [engine.Place(1, 10, AE, 1, True), engine.Place(2, 20, SDR, 2, True), engine.Place(3, 10, AE, 3, False)]
    assert [each.user for each in engine.in_line([10, 20], places, [SDR, AE])] == [2, 1, 3]
    assert engine.upwards(10, {10: 20, 20: 10}) == [10, 20]  # a circle ends


def test_of_equals_the_one_at_work_goes_first_and_who_stood_before_is_named():
    later, here = Candidate(1, "Later", works_next=MONDAY.replace(hour=15)), Candidate(2, "Here", works_next=MONDAY)
    decision = route(claims=[Claim(later, "territory", "of West"), Claim(here, "territory", "of West")], now=MONDAY)
    assert (decision.user, decision.passed) == (2, (("Later", "not_at_work"),))
    alone = route(claims=[Claim(later, "territory", rank=0), Claim(here, "territory", rank=1)], now=MONDAY)
    assert alone.user == 1


@pytest.fixture
def west(otto, line, rita, sol):
    """East, where sol is the SDR, with West in it, which rita leads; one account lies in West."""
    plan = create_plan(name="2024", active_from=START, actor=otto)
    force = create_force(plan=plan, name="Field", division=Force.Division.GEOGRAPHIC, line=line, roles=[AE, SDR], actor=otto)
    east = create_territory(force=force, name="East", actor=otto)
    west = create_territory(force=force, name="West", parent=east, actor=otto)
    open_seat(territory=east, role=SDR, user=sol, from_day=START, actor=otto)
    open_seat(territory=west, role=AE, user=rita, from_day=START, actor=otto)
    account = Account.objects.create(name="Western Mills")
    place(force=force, territories={account.pk: west.pk}, day=START, reason="imported", actor=otto)
    return account


@pytest.fixture
def web(db):
    return Source.objects.create(name="Web site", routing=Source.Routing.ROUND_ROBIN)


def arrives(web, account):
    return receive_lead(source=web, company=account.name, account=account, person="Ann", actor=None, now=MONDAY).lead


def test_a_lead_goes_to_the_sdr_of_the_territory_inherited_from_above(west, web, sol):
    lead = arrives(web, west)
    words = "Sol: SDR, outbound of East, above territory West"
    assert (lead.sdr, lead.rule, lead.rule_words) == (sol, "territory", words)


def test_the_next_in_line_gets_it_when_the_first_is_away_and_it_says_so(west, web, rita, sol):
    Absence.objects.create(user=sol, during=DateRange(date(2026, 11, 16), date(2026, 11, 17)), reason="leave")
    lead = arrives(web, west)
    assert (lead.sdr, lead.rule_words) == (rita, "Rita: Account executive of territory West; Sol is away")


def test_a_full_territory_leaves_it_to_those_in_turn(west, web, person, rita, sol):
    ida = person("ida", "north", Role.SDR_INBOUND)
    for each in (rita, sol):
        SourceWorker.objects.create(source=web, user=each, most_open=1)
        Lead.objects.create(account=Account.objects.create(name=f"{each}'s"), source=web, sdr=each, first_contact_on=START)
    SourceWorker.objects.create(source=web, user=ida)
    lead = arrives(web, west)
    full = "has as many leads as they may hold"
    words = f"Ida was next in turn; 1 of 3 were at work; Sol {full}; Rita {full}"
    assert (lead.sdr, lead.rule, lead.rule_words) == (ida, "round_robin", words)


def test_while_no_plan_is_active_and_for_an_account_nowhere_leads_go_round_as_before(west, web, otto, person):
    ida = person("ida", "north", Role.SDR_INBOUND)
    lead = arrives(web, Account.objects.create(name="Nowhere"))
    assert (lead.sdr, lead.rule) == (ida, "round_robin")
