"""Handing a deal over: sol finds it, rita closes it, cora keeps the customer."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, InternalError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import Account, Activity, Coverage, CoverageLine
from accounts.services import log_activity
from pipeline.models import Deal, Handoff, PackageVersion
from pipeline.services import (
    accept_handoff,
    assign_deals,
    challenge_handoff,
    judge_challenge,
    move_deal,
    offer_handoff,
    pass_on_handoff,
    return_handoff,
    withdraw_handoff,
)
from pipeline.services.handoff_clocks import mail_handoff, mind_handoffs
from pipeline.services.packages import change_package, package_between
from salesorg.jobs.models import OutboxMessage
from salesorg.lib.errors import DomainError
from salesorg.people.models import User
from salesorg.people.roles import Role
from salesorg.people.services.leaving import deactivate_person
from salesorg.people.services.working import add_absence

TUESDAY = datetime.fromisoformat("2026-03-03T09:00+00:00")
BANT = {"budget": "40,000, released by the CFO", "authority": "Ms Weber", "need": "Faster set-up", "timing": "2026-05-01"}
PROMISED = {"promised": "Live in May", "success": "Half the set-up time", "start_on": "2026-04-01", "contact": "Ms Weber"}


def hours(number):
    return timedelta(hours=number)


@pytest.fixture
def offered(sol, rita, deal_of):
    """sol's deal, offered to rita on a Tuesday at nine."""
    return offer_handoff(deal=deal_of(sol), to=rita, package=BANT, actor=sol, now=TUESDAY)


def shares(deal):
    return {each.user.name: each.revenue_share for each in deal.members.on(date(2026, 3, 4)).select_related("user")}


def messages():
    return [(each.payload["what"], User.objects.get(pk=each.payload["to"]).name) for each in OutboxMessage.objects.order_by("pk")]


def test_sol_keeps_the_deal_until_rita_accepts_and_then_owner_shares_and_coverage_follow(offered, sol, rita):
    deal, account = offered.deal, offered.deal.account
    assert deal.owner == sol
    assert Deal.objects.visible_to(rita).filter(pk=deal.pk).exists()
    accept_handoff(handoff=offered, actor=rita, now=TUESDAY + hours(26))
    deal.refresh_from_db()
    offered.refresh_from_db()
    assert deal.owner == rita
    assert shares(deal) == {"Rita": 10_000, "Sol": 0}, "sol sees what becomes of it"
    coverage = Coverage.objects.get(account=account, user=rita)
    assert (coverage.source, coverage.reason) == ("handoff", f"Handoff of “{deal}” from Sol")
    assert (offered.decide_time, offered.contact_by) == (hours(10), TUESDAY + hours(30))


def test_a_won_deal_stays_with_rita_and_the_customer_goes_to_cora(rita, cora, deal_of):
    deal = deal_of(rita, stage="Won")
    handoff = offer_handoff(deal=deal, to=cora, package=PROMISED, actor=rita, now=TUESDAY)
    assert (handoff.giver_role, handoff.taker_role) == (Role.AE, Role.CSM)
    accept_handoff(handoff=handoff, actor=cora, now=TUESDAY)
    deal.refresh_from_db()
    assert deal.owner == rita
    assert shares(deal) == {"Rita": 10_000}
    assert Coverage.objects.get(account=deal.account, user=cora).line.code == CoverageLine.CUSTOMER_SUCCESS


def test_what_the_structure_gives_to_a_third_person_is_not_taken_by_a_handoff(sol, rita, sam, deal_of, account_of):
    account = account_of(sam)
    handoff = offer_handoff(deal=deal_of(sol, account), to=rita, package=BANT, actor=sol)
    accept_handoff(handoff=handoff, actor=rita)
    assert [each.user for each in Coverage.objects.filter(account=account, role=Role.AE)] == [sam]


def test_a_package_that_says_too_little_is_refused_naming_what_is_missing(sol, rita, deal_of):
    deal = deal_of(sol)
    for spoilt, fields in (
        ({"budget": "", "timing": None}, ("budget", "timing")),
        ({"need": "x" * 10_000_000}, ("need",)),
        ({"need": "a\x00b", "timing": "soon"}, ("need", "timing")),
    ):
        with pytest.raises(DomainError) as refused:
            offer_handoff(deal=deal, to=rita, package=BANT | spoilt, actor=sol)
        assert refused.value.fields == fields
    assert not Handoff.objects.exists()


def test_a_returned_deal_stays_with_sol_and_may_be_offered_again(offered, sol, rita):
    with pytest.raises(DomainError, match="why"):
        return_handoff(handoff=offered, reason="", actor=rita)
    for _twice in range(2):
        return_handoff(handoff=offered, reason="No budget", note="Next year", actor=rita, now=TUESDAY + hours(2))
    offered.refresh_from_db()
    assert (offered.state, offered.decide_time, offered.deal.owner) == ("returned", hours(2), sol)
    with pytest.raises(DomainError, match="no longer open"):
        accept_handoff(handoff=offered, actor=rita)
    assert offer_handoff(deal=offered.deal, to=rita, package=BANT, actor=sol).is_waiting


def test_whoever_owns_the_deal_by_now_may_take_the_offer_back_and_loses_it_to_nobody(offered, rita, tom, sam):
    assign_deals(deals=Deal.objects.filter(pk=offered.deal_id), owner=sam, actor=sam)
    with pytest.raises(DomainError, match="belongs to Sam meanwhile"):
        accept_handoff(handoff=offered, actor=rita)
    with pytest.raises(DomainError, match="not yours"):
        withdraw_handoff(handoff=offered, actor=tom)
    assert withdraw_handoff(handoff=offered, actor=sam).state == "withdrawn"


def test_after_acceptance_only_a_manager_takes_credit_back_and_only_in_time(offered, sol, rita, mia):
    for _twice in range(2):
        accept_handoff(handoff=offered, actor=rita, now=TUESDAY)
    with pytest.raises(DomainError, match="no longer open"):
        return_handoff(handoff=offered, reason="No budget", actor=rita)
    with pytest.raises(DomainError, match="30 days"):
        challenge_handoff(handoff=offered, reason="A student", actor=rita, now=TUESDAY + timedelta(days=31))
    with pytest.raises(DomainError, match="why"):
        challenge_handoff(handoff=offered, reason=" ", actor=rita, now=TUESDAY)
    challenge_handoff(handoff=offered, reason="A student", actor=rita, now=TUESDAY)
    for person in (rita, sol):
        with pytest.raises(DomainError, match="not yours"):
            judge_challenge(handoff=offered, disqualified=True, actor=person)
    judge_challenge(handoff=offered, disqualified=False, actor=mia)
    challenge_handoff(handoff=offered, reason="Really a student", actor=rita, now=TUESDAY)
    judge_challenge(handoff=offered, disqualified=True, actor=mia)
    offered.refresh_from_db()
    assert (offered.state, offered.judged_by) == ("disqualified", mia)
    assert Deal.objects.get().owner == rita


def test_the_database_lets_no_path_take_an_acceptance_back_nor_two_offers_stand(offered, rita):
    with pytest.raises(IntegrityError, match="one_open_handoff_per_deal"), transaction.atomic():
        Handoff.objects.create(
            deal=offered.deal, status_then="open", giver=offered.giver, giver_role=2, taker=rita, taker_role=3,
            package=offered.package, decide_by=TUESDAY,
        )  # fmt: skip
    accept_handoff(handoff=offered, actor=rita)
    for state in ("offered", "returned", "withdrawn"):
        with pytest.raises(InternalError, match="cannot become"), transaction.atomic():
            Handoff.objects.update(state=state, reason="x")
    with pytest.raises(InternalError), transaction.atomic():
        PackageVersion.objects.update(decide_hours=1)


def test_who_sells_in_both_roles_is_not_bothered(rita, sol, deal_of):
    rita.memberships.create(team=rita.memberships.get().team, role=Role.CSM, during=DateRange(date(2020, 1, 1), None))
    won = offer_handoff(deal=deal_of(rita, stage="Won"), to=rita, package={}, actor=rita)
    assert (won.state, won.is_silent) == ("accepted", True)
    assert Handoff.objects.counted().count() == 0
    assert OutboxMessage.objects.count() == 0
    assert Coverage.objects.filter(user=rita, line__code="customer-success").exists()
    with pytest.raises(DomainError, match="owns this deal already"):
        offer_handoff(deal=deal_of(sol), to=sol, package=BANT, actor=sol)


def test_a_role_is_a_queue_from_which_one_takes_it(sol, rita, sam, cora, deal_of):
    handoff = offer_handoff(deal=deal_of(sol), to_role=Role.AE, package=BANT, actor=sol)
    assert [Handoff.objects.to_decide(each).count() for each in (rita, sam, cora)] == [1, 1, 0]
    with pytest.raises(DomainError, match="not yours"):
        accept_handoff(handoff=handoff, actor=cora)
    accept_handoff(handoff=handoff, actor=sam)
    with pytest.raises(DomainError, match="no longer open"):
        accept_handoff(handoff=handoff, actor=rita)


def test_what_happens_meanwhile_is_answered_in_words(sol, rita, sam, gone, ada, mia, deal_of, stages):
    deal = deal_of(sol)
    with pytest.raises(DomainError, match="no longer works here"):
        offer_handoff(deal=deal, to=gone, package=BANT, actor=sol)
    with pytest.raises(DomainError, match="no role in sales"):
        offer_handoff(deal=deal, to=ada, package=BANT, actor=sol)
    handoff = offer_handoff(deal=deal, to=rita, package=BANT, actor=sol)
    with pytest.raises(DomainError, match="already offered"):
        offer_handoff(deal=deal, to=sam, package=BANT, actor=sol)
    with pytest.raises(DomainError, match="not yours"):
        withdraw_handoff(handoff=handoff, actor=sam)
    move_deal(deal=deal, stage=stages["Won"], actor=sol)
    with pytest.raises(DomainError, match="is won meanwhile"):
        accept_handoff(handoff=handoff, actor=rita)
    mind_handoffs(now=TUESDAY)
    handoff.refresh_from_db()
    assert (handoff.state, handoff.note) == ("withdrawn", "The deal was won meanwhile.")
    rita.memberships.all().delete()
    other = offer_handoff(deal=deal_of(sol, name="Other"), to=sam, package=BANT, actor=sol)
    Deal.objects.filter(pk=other.deal_id).delete()
    with pytest.raises(DomainError, match="not there any more"):
        accept_handoff(handoff=other, actor=sam)


def test_the_clock_runs_in_ritas_hours_reminds_her_and_then_tells_mia_and_accepts_nothing(offered, rita, mia, sol):
    assert offered.decide_by == datetime.fromisoformat("2026-03-10T17:00+00:00"), "six days of eight hours, a weekend between"
    for now in (offered.remind_at, offered.remind_at, offered.decide_by, offered.decide_by + timedelta(days=9)):
        mind_handoffs(now=now)
    assert messages() == [("offered", "Rita"), ("reminded", "Rita"), ("escalated", "Mia")]
    offered.refresh_from_db()
    assert (offered.state, offered.deal.owner) == ("offered", sol)
    for each in OutboxMessage.objects.order_by("pk"):
        mail_handoff(each.payload)
    assert [(each.to, each.subject) for each in mail.outbox][-1] == (
        [mia.email],
        f"“{offered.deal}” waits for Rita, and the time to decide is up",
    )
    withdraw_handoff(handoff=offered, actor=sol)
    mail_handoff(OutboxMessage.objects.first().payload)
    assert len(mail.outbox) == 3, "what is no longer so is not mailed"


def test_what_waits_for_somebody_away_goes_to_the_stand_in(offered, sol, rita, sam, deal_of):
    add_absence(person=rita, first_day=date(2026, 3, 4), last_day=date(2026, 3, 6), stand_in=sam, actor=rita)
    mind_handoffs(now=TUESDAY + timedelta(days=1))
    offered.refresh_from_db()
    assert (offered.taker, offered.waiting_since) == (sam, TUESDAY + timedelta(days=1))
    with pytest.raises(DomainError, match="not yours"):
        accept_handoff(handoff=offered, actor=rita)
    second = offer_handoff(deal=deal_of(sol), to=rita, package=BANT, actor=sol, now=TUESDAY + timedelta(days=1))
    assert second.taker == sam
    third = offer_handoff(deal=deal_of(sol, name="T"), to=rita, package=BANT, actor=sol, now=TUESDAY + timedelta(days=9))
    assert third.taker == rita


def test_mia_passes_on_what_nobody_answers_and_who_leaves_passes_it_to_a_successor(offered, sol, rita, sam, tom, mia, ada):
    with pytest.raises(DomainError, match="not yours"):
        pass_on_handoff(handoff=offered, to=sam, actor=tom)
    pass_on_handoff(handoff=offered, to=sam, actor=mia, now=TUESDAY)
    deactivate_person(person=sam, on=ada.today, actor=ada, to=rita)
    offered.refresh_from_db()
    assert offered.taker == rita
    deactivate_person(person=rita, on=ada.today, actor=ada)
    mind_handoffs(now=TUESDAY)
    offered.refresh_from_db()
    assert offered.escalated_at == TUESDAY, "nobody waits for somebody who has left"


def test_who_succeeds_the_receiver_of_the_own_offer_keeps_the_deal(offered, sol, rita, ada):
    deactivate_person(person=rita, on=ada.today, actor=ada, to=sol)
    offered.refresh_from_db()
    assert (offered.state, offered.taker, offered.deal.owner) == ("withdrawn", rita, sol)


def test_the_first_contact_is_ritas_first_activity_after_acceptance(offered, rita, sam, mia):
    account = offered.deal.account
    log_activity(account=account, kind="call", actor=rita, done_at=TUESDAY)
    accept_handoff(handoff=offered, actor=rita, now=TUESDAY + hours(1))
    log_activity(account=account, kind="call", actor=sam, done_at=TUESDAY + hours(2))
    mind_handoffs(now=TUESDAY + hours(6))
    assert messages()[-2:] == [("silent", "Rita"), ("silent", "Mia")]
    log_activity(account=account, kind="visit", actor=rita, done_at=TUESDAY + hours(25))
    mind_handoffs(now=TUESDAY + hours(30))
    offered.refresh_from_db()
    assert (offered.contact_at, offered.contact_time) == (TUESDAY + hours(25), hours(8))
    assert Activity.objects.count() == 3


def test_a_customer_lost_within_ninety_days_of_the_handoff_is_noted(rita, cora, deal_of):
    handoff = offer_handoff(deal=deal_of(rita, stage="Won"), to=cora, package=PROMISED, actor=rita, now=TUESDAY)
    accept_handoff(handoff=handoff, actor=cora, now=TUESDAY)
    Account.objects.update(lifecycle="former")
    mind_handoffs(now=TUESDAY + timedelta(days=91))
    assert Handoff.objects.get().churned_on is None
    mind_handoffs(now=TUESDAY + timedelta(days=89))
    assert Handoff.objects.get().churned_on == (TUESDAY + timedelta(days=89)).date()


def test_a_package_changes_for_what_is_offered_from_then_on(offered, sol, rita, otto, deal_of):
    before = package_between(Role.SDR_OUTBOUND, Role.AE)
    assert before == offered.package
    clocks = {"decide_hours": 8, "contact_hours": 2, "disqualify_days": 10}
    roles = {"giver_role": Role.SDR_OUTBOUND, "taker_role": Role.AE}
    new = change_package(**roles, fields=before.fields[:1], reasons=["Nothing"], clocks=clocks, seen=1, actor=otto)
    assert (new.number, offered.package.number, len(offered.package.fields)) == (2, 1, 6)
    same = change_package(**roles, fields=before.fields[:1], reasons=["Nothing"], clocks=clocks, seen=2, actor=otto)
    assert same == new
    with pytest.raises(DomainError, match="meanwhile"):
        change_package(**roles, fields=before.fields[:2], reasons=["Nothing"], clocks=clocks, seen=1, actor=otto)
    with pytest.raises(DomainError, match="at least one thing"):
        change_package(**roles, fields=(), reasons=["Nothing"], clocks=clocks, actor=otto)
    later = offer_handoff(deal=deal_of(sol), to=rita, package={"budget": "Yes"}, actor=sol, now=TUESDAY)
    assert later.decide_by == TUESDAY + hours(8)
