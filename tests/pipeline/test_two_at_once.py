"""Two people change the same deal at the same moment: both are answered clearly, and nothing is lost."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier, Event

import pytest
from django.db import connection, transaction

from accounts.models import Account
from pipeline.engine.sprints import monday_of
from pipeline.models import Arrival, Deal, Lead, Source, Sprint, SprintItem
from pipeline.services import assign_deals, change_deal, make_call, move_deal, qualify_lead, receive_lead
from pipeline.services.sprints import Decision, Pick, close_sprint, commit_items
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError
from salesorg.lib.periods import quarter_of
from salesorg.people.roles import Role
from salesorg.people.services.leaving import deactivate_person

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = datetime(2026, 11, 16, 10, tzinfo=UTC)


def together(*works):
    """Start all of `works` at the same moment, each on a connection of its own; their results or refusals, in order."""
    barrier = Barrier(len(works))

    def run(work):
        try:
            barrier.wait(timeout=10)
            return work()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def mover(deal, stage, seen, who):
    def move():
        with acting(who, "pipeline:deal_move"):
            return move_deal(deal=deal, stage=stage, seen=seen, actor=who)

    return move


def versions_of(deal):
    versions = list(deal.versions.select_related("stage").order_by("during"))
    assert [version.during.upper for version in versions[:-1]] == [version.during.lower for version in versions[1:]]
    return [version.stage.name for version in versions]


@pytest.mark.parametrize("_again", range(5))
def test_of_two_who_move_a_deal_one_moves_it_and_the_other_hears_who(rita, sam, deal_of, stages, _again):
    deal = deal_of(rita)
    seen = stages["Prospecting"]
    answers = together(mover(deal, stages["Engaging"], seen, rita), mover(deal, stages["Won"], seen, sam))
    refused = [answer for answer in answers if isinstance(answer, DomainError)]
    moved = next(answer for answer in answers if isinstance(answer, Deal))
    assert len(refused) == 1
    assert str(refused[0]).startswith(("Rita has moved", "Sam has moved"))
    deal.refresh_from_db()
    assert deal.stage == moved.stage
    assert versions_of(deal) == ["Prospecting", moved.stage.name]


def test_a_move_and_an_edit_at_once_both_hold(rita, sam, deal_of, stages):
    deal = deal_of(rita, amount=1)
    together(
        mover(deal, stages["Engaging"], stages["Prospecting"], rita),
        lambda: change_deal(deal=deal, actor=sam, amount=2),
    )
    deal.refresh_from_db()
    assert (deal.stage.name, deal.amount) == ("Engaging", 2)
    assert len(versions_of(deal)) == 3


def test_a_deal_given_to_a_colleague_who_is_just_leaving_never_stays_with_them(rita, sam, tom, ada, deal_of):
    """Sam leaves while Rita's deal is given to Sam: it is refused, or passes on with all that Sam had."""
    deal = deal_of(rita)
    leaving, given = Event(), Event()

    def leave():
        with transaction.atomic():
            deactivate_person(person=sam, on=sam.today, actor=ada, to=tom)
            leaving.set()
            given.wait(timeout=0.5)  # the other one is at it, or waits for us

    def give():
        leaving.wait(timeout=10)
        try:
            assign_deals(deals=Deal.objects.filter(pk=deal.pk), owner=sam, actor=rita)
        finally:
            given.set()

    _left, refusal = together(leave, give)
    deal.refresh_from_db()
    assert "no longer works here" in str(refusal) and deal.owner == rita


def test_a_lead_that_arrives_for_a_colleague_who_is_just_leaving_goes_to_another(person, ada):
    first, second = (person(name, "north", Role.SDR_INBOUND) for name in ("ida", "ivo"))
    source = Source.objects.create(name="Web site", routing="round_robin")
    leaving, chosen = Event(), Event()

    def leave():
        with transaction.atomic():
            deactivate_person(person=first, on=first.today, actor=ada)
            leaving.set()
            chosen.wait(timeout=0.5)  # the other one waits for us

    def arrive():
        leaving.wait(timeout=10)
        return receive_lead(source=source, company="Globex", person="Ann", actor=None, now=MONDAY).lead

    assert together(leave, arrive)[1].sdr == second


def test_of_two_who_qualify_a_lead_one_opens_the_deal_and_of_two_arrivals_one_makes_the_company(rita, sam, stages, account_of):
    source = Source.objects.create(name="Web site")

    def arrival(form):
        who = {"company": "Globex", "person": "Ann Lee", "email": "ann@globex.example"}
        return lambda: receive_lead(source=source, client_id=form, actor=None, **who)

    sent_twice = uuid.uuid4()
    received = together(arrival(sent_twice), arrival(sent_twice), arrival(uuid.uuid4()))
    assert {each.lead.account.name for each in received} == {"Globex"} and Account.objects.filter(name="Globex").count() == 1
    assert Lead.objects.count() == 1 and Arrival.objects.count() == 2

    def qualify(who):
        facts = {"name": f"Globex {who}", "amount": 10, "currency": "USD", "next_step": "Meet"}
        days = {"close_date": who.today, "next_step_on": who.today}
        lead, stage = received[0].lead, stages["Prospecting"]
        return lambda: qualify_lead(lead=lead, owner=who, stage=stage, actor=who, **facts, **days)

    answers = together(qualify(rita), qualify(sam))
    assert sorted(type(answer).__name__ for answer in answers) == ["Deal", "DomainError"]
    assert Deal.objects.count() == 1


def test_a_double_click_makes_one_call(rita, stages):
    facts = {"period": quarter_of(rita.today), "commit": 1, "best_case": 2, "client_id": uuid.uuid4(), "actor": rita}
    one, other = together(lambda: make_call(**facts), lambda: make_call(**facts))
    assert (one, rita.forecast_calls.count()) == (other, 1)


def test_of_two_tabs_that_commit_the_same_week_one_adds_it_and_the_other_finds_it_there(rita, deal_of):
    deal = deal_of(rita)
    picks, week = [Pick("step", deal=deal.pk)], monday_of(rita.today)
    answers = together(*[lambda: commit_items(week=week, picks=picks, user=rita, actor=rita)] * 2)
    assert sorted(len(added) for _sprint, added in answers) == [0, 1]
    assert SprintItem.objects.get().sprint == Sprint.objects.get()


def test_what_is_ticked_in_the_own_week_and_the_pods_in_another_order_is_committed_once_and_nobody_waits_for_ever(
    rita, sam, teams, deal_of
):
    account, week = deal_of(rita).account, monday_of(rita.today)
    picks = [Pick("step", deal=deal_of(rita, account=account).pk) for _each in range(20)]
    own, pods = {"picks": picks, "user": rita, "actor": rita}, {"picks": picks[::-1], "team": teams["north"], "actor": sam}
    together(lambda: commit_items(week=week, **own), lambda: commit_items(week=week, **pods))
    assert SprintItem.objects.count() == 20


def test_a_week_is_closed_or_passed_on_when_its_person_leaves_at_that_moment(rita, sam, mia, ada, deal_of):
    """Whoever is first: the other one waits, and then finds it."""
    account = deal_of(rita).account
    picks = [Pick("step", deal=deal_of(rita, account=account).pk) for _each in range(3)]
    sprint, items = commit_items(week=monday_of(rita.today), picks=picks, user=rita, actor=rita)
    decisions = {each.pk: Decision(carry=True, why="away") for each in items}
    together(
        lambda: deactivate_person(person=rita, on=rita.today, actor=ada, to=sam),
        lambda: close_sprint(sprint=sprint, decisions=decisions, actor=mia),
    )
    rita.refresh_from_db()
    assert not rita.is_active
    assert set(SprintItem.objects.open().values_list("doer", flat=True)) == {sam.pk}
