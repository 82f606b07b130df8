"""Renewals: opened by the night for whoever keeps the customer; won they become the next contract, lost they are churn."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import Coverage, CoverageLine
from pipeline.engine import terms
from pipeline.models import Contract, CustomerFacts, Deal, DealType, LossReason, Pipeline, Stage
from pipeline.nightly import customers as customer_nightly
from pipeline.services import move_deal
from pipeline.services.contracts import amend_contract, cancel_contract, make_contract, proposed_contract, settle_lifecycles
from pipeline.services.renewals import due_renewals, open_renewal
from salesorg.jobs.models import Run
from salesorg.lib.acting import acting

TODAY = date.today()
BEGAN = TODAY - timedelta(days=300)
ENDS = terms.months_after(BEGAN, 12)


@pytest.fixture
def renewals(db):
    pipeline = Pipeline.objects.create(name="Renewal", deal_type=DealType.RENEWAL, renewal_days=90)
    for position, (name, status, chance) in enumerate((("Due", "open", 70), ("Won", "won", 100), ("Lost", "lost", 0))):
        category = {"won": "closed", "lost": "omitted"}.get(status, "best_case")
        facts = {"status": status, "probability": chance, "forecast_category": category}
        Stage.objects.create(pipeline=pipeline, name=name, position=position, **facts)
    return pipeline


@pytest.fixture
def signed(rita, deal_of):
    deal = deal_of(rita, stage="Won", amount=Decimal(2400), close_date=BEGAN, next_step="", next_step_on=None)
    facts = {"starts_on": BEGAN, "until": ENDS, "total": Decimal(2400), "recurring": Decimal(2400), "notice_days": 30}
    return make_contract(deal=deal, actor=rita, **facts)


@pytest.fixture
def kept_by_cora(cora, signed):
    line = CoverageLine.objects.get_or_create(code="customer-success", defaults={"name": "Customer success"})[0]
    about = {"account": signed.account, "line": line, "role": 5, "user": cora, "source": "handoff", "reason": "test"}
    return Coverage.objects.create(during=DateRange(BEGAN, None), **about)


def night(day=TODAY):
    """The steps of a night, as a worker takes them."""
    run = Run.objects.create(job="nightly", period=f"{day} #{Run.objects.count()}")
    with acting(None, "nightly"):
        counts = [customer_nightly.renew(run, payload) for _key, payload in customer_nightly.renewal_parts(run)]
        customer_nightly.settle(run, {})
        customer_nightly.gather(run, {"after": 0, "up_to": None})
        for _key, payload in customer_nightly.customer_parts(run):
            customer_nightly.score(run, payload)
        customer_nightly.ask(run, {})
    return sum(each["renewals opened"] for each in counts), getattr(run, "found", [])


def test_a_renewal_opens_by_itself_for_who_keeps_the_customer(renewals, signed, kept_by_cora, cora):
    amend_contract(contract=signed, from_day=TODAY, total=Decimal(3000), recurring=Decimal(3000), reason="More", actor=cora)
    assert night() == (1, [])
    signed.refresh_from_db()
    deal = signed.renewal
    assert (deal.owner, deal.account, deal.pipeline, deal.type) == (cora, signed.account, renewals, "renewal")
    assert (deal.amount, deal.close_date) == (3000, ENDS - timedelta(days=1))
    assert deal.next_step
    assert deal.next_step_on == TODAY + timedelta(days=3)
    facts = CustomerFacts.objects.get(account=signed.account)
    assert (facts.recurring, facts.renews_on, facts.computed_on) == (3000, ENDS, TODAY)


def test_however_often_the_night_runs_one_renewal_is_opened(renewals, signed, kept_by_cora, cora):
    stale = Contract.objects.get(pk=signed.pk)  # another worker read it before
    assert night()[0] == 1
    assert night()[0] == 0
    deal = open_renewal(contract=stale, day=TODAY, actor=None)
    assert deal == Deal.objects.get(type="renewal")


def test_the_lead_time_of_the_pipeline_decides_when(renewals, signed):
    renewals.renewal_days = (ENDS - TODAY).days - 1
    assert not due_renewals(renewals, TODAY).exists()
    assert due_renewals(renewals, TODAY + timedelta(days=1)).exists()
    assert not due_renewals(renewals, ENDS + timedelta(days=30)).exists()  # history, which nobody asked to renew


def test_without_anybody_who_keeps_the_customer_its_seller_gets_the_renewal(renewals, signed, rita):
    night()
    assert Deal.objects.get(type="renewal").owner == rita


def test_a_renewal_that_nobody_can_own_is_named_in_the_run(renewals, signed, rita):
    Coverage.objects.all().delete()
    rita.memberships.all().delete()
    opened, problems = night()
    assert opened == 0
    assert signed.account.name in problems[0]["sentence"]


def test_won_it_becomes_the_next_contract(renewals, signed, kept_by_cora, cora):
    night()
    deal = Deal.objects.get(type="renewal")
    move_deal(deal=deal, stage=renewals.stages.get(status="won"), actor=cora)
    deal.refresh_from_db()
    says = proposed_contract(deal)
    facts = {"starts_on": says.starts_on, "until": says.until, "total": says.total, "recurring": says.recurring}
    follower = make_contract(deal=deal, actor=cora, notice_days=says.notice_days, **facts)
    assert (follower.renews, follower.term.lower, follower.notice_days) == (signed, ENDS, 30)
    assert not due_renewals(renewals, TODAY).exists()


def test_lost_it_is_churn_with_the_reason_of_the_deal_and_the_customer_a_former_one_at_the_end(
    renewals, signed, kept_by_cora, cora, as_user
):
    night()
    reason = LossReason.objects.create(name="Too dear")
    deal = Deal.objects.get(type="renewal")
    move_deal(deal=deal, stage=renewals.stages.get(status="lost"), actor=cora, loss_reason=reason)
    assert list(Contract.objects.given_up()) == [signed]
    night()
    signed.account.refresh_from_db()
    assert signed.account.lifecycle == "customer"  # until the last day
    assert "until then the account is a customer" in as_user(cora).get(signed.get_absolute_url()).content.decode()
    settle_lifecycles(day=ENDS, actor=None)
    signed.account.refresh_from_db()
    assert signed.account.lifecycle == "former"


def test_a_cancellation_closes_the_open_renewal_for_the_same_reason(renewals, signed, kept_by_cora, cora):
    night()
    reason = LossReason.objects.create(name="Went bankrupt")
    cancel_contract(contract=signed, ends_on=ENDS - timedelta(days=1), reason=reason, actor=cora)
    deal = Deal.objects.get(type="renewal")
    assert (deal.status, deal.loss_reason) == ("lost", reason)
