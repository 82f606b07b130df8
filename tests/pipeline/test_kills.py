"""Killed amid handoffs, a change of many deals, or the night after the sale: the next worker goes on, nothing is done twice."""

from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.http import QueryDict
from django.utils import timezone

from accounts import changing
from accounts.models import Account
from pipeline.models import (
    Contract,
    ContractValue,
    CustomerFacts,
    Deal,
    DealVersion,
    Handoff,
    HealthScore,
    LossReason,
    Pipeline,
    Stage,
)
from pipeline.nightly import customers as nightly
from pipeline.services import handoff_clocks, offer_handoff
from pipeline.services.customers import customers_cut, gather_customers
from pipeline.services.handoff_clocks import mind_handoffs
from salesorg.jobs import runs
from salesorg.jobs.models import OutboxMessage, Run
from salesorg.jobs.runs import run_here, start_run
from salesorg.lib.bulk import Chosen
from tests.killing import killed_after

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date.today()
BANT = {"budget": "40,000", "authority": "Ms Weber", "need": "Faster set-up", "timing": "2026-05-01"}


def test_the_clock_of_handoffs_reminds_and_escalates_once_however_often_its_worker_is_killed(sol, rita, mia, deal_of):
    for name in ("A", "B"):
        offer_handoff(deal=deal_of(sol, name=name), to=rita, package=BANT, actor=sol)
    later = timezone.now() + timedelta(days=30)
    killed_after(handoff_clocks, "tell", lambda: mind_handoffs(now=later))
    assert not Handoff.objects.exclude(reminded_at=None).exists(), "not said to be told before it is"
    killed_after(handoff_clocks, "_tell_leaders", lambda: mind_handoffs(now=later))
    for _tick in range(2):
        mind_handoffs(now=later)
    told = sorted(OutboxMessage.objects.exclude(payload__what="offered").values_list("payload__what", "payload__to"))
    assert told == [("escalated", mia.pk)] * 2 + [("reminded", rita.pk)] * 2


def test_a_change_of_many_deals_goes_on_where_it_was_killed(rita, deal_of, stages, monkeypatch):
    monkeypatch.setattr(changing, "AT_ONCE", 2)
    for name in ("A", "B", "C"):
        deal_of(rita, name=name)
    typed = QueryDict(f"stage={stages['Engaging'].pk}")
    form = changing.kind_of("deals").form(typed, user=rita)
    assert form.is_valid()
    form.data = typed
    chosen = Chosen(Deal.objects.all(), 3, "", "Deals", moved_on=False)
    change = changing.begin_change(kind="deals", chosen=chosen, form=form, actor=rita)
    change.refresh_from_db()
    run = Run.objects.get(pk=change.run_id)
    killed_after(changing, "_note", lambda: run_here(run))
    assert not Deal.objects.filter(stage=stages["Engaging"]).exists()
    run_here(run)
    change.refresh_from_db()
    assert (change.state, change.counts["changed"], DealVersion.objects.count()) == ("done", 3, 6)


@pytest.fixture
def customers(account_of, rita):
    """Two whose contract is to be renewed, and one whose contract was cancelled and has ended; each a customer."""
    pipeline = Pipeline.objects.create(name="Renewal", deal_type="renewal", renewal_days=90)
    for position, (status, category) in enumerate((("open", "best_case"), ("won", "closed"), ("lost", "omitted"))):
        facts = {"status": status, "probability": {"won": 100, "lost": 0}.get(status, 70), "forecast_category": category}
        Stage.objects.create(pipeline=pipeline, name=status, position=position, **facts)
    given_up = {"cancelled_on": TODAY, "churn_reason": LossReason.objects.create(name="Too dear")}
    made = []
    for name, until, facts in (("A", 30, {}), ("B", 40, {}), ("Gone", -1, given_up)):
        account = account_of(rita, name)
        Account.objects.filter(pk=account.pk).update(lifecycle="customer")
        term = DateRange(TODAY - timedelta(days=300), TODAY + timedelta(days=until))
        row = Contract.objects.create(account=account, name=name, currency="USD", term=term, during=term, **facts)
        ContractValue.objects.create(contract=row, from_day=term.lower, total=100, recurring=100)
        made.append(row)
    return made


def test_the_night_after_the_sale_does_each_thing_once_however_often_its_worker_is_killed(customers, monkeypatch):
    steps = {order: step for order, step in runs._steps["nightly"].items() if 55 <= order <= 58}
    monkeypatch.setitem(runs._steps, "customers", steps)
    run = start_run(job="customers", period=str(TODAY))

    def known():
        facts = CustomerFacts.objects.order_by("pk").values_list("pk", "recurring", "renews_on", "score", "computed_on", "lines")
        scores = HealthScore.objects.order_by("account").values_list("account", "from_day", "score")
        former = Account.objects.filter(lifecycle="former").values_list("name", flat=True)
        return Deal.objects.count(), list(former), list(facts), list(scores)

    for part, kept in (("open_renewal", 0), ("settle_lifecycles", 2), ("gather_customers", 2), ("score_customers", 2)):
        killed_after(nightly, part, lambda: run_here(run))
        assert known()[0] == kept, "nothing is kept of a part that was cut off"
        assert not HealthScore.objects.exists()
    assert run_here(run).state == "done"
    there = known()
    assert there[:2] == (2, ["Gone"])
    assert Contract.objects.exclude(renewal=None).count() == 2
    assert len(there[2]) == len(there[3]) == 3
    again = run_here(start_run(job="customers", period=str(TODAY), again=True))
    assert (again.state, set(again.counts.values())) == ("done", {0})
    assert known() == there


def test_the_night_gathers_in_parts_what_it_would_gather_in_one(customers, monkeypatch):
    gather_customers(day=TODAY)
    whole = list(CustomerFacts.objects.order_by("pk").values())
    assert len(whole) == 3
    CustomerFacts.objects.all().delete()
    HealthScore.objects.create(account_id=10**9, from_day=TODAY, score=1)  # of an account that is gone, beyond all others
    cut = customers_cut(1)
    assert [after for after, _up_to in cut[1:]] == [up_to for _after, up_to in cut[:-1]]
    for after, up_to in cut:
        gather_customers(day=TODAY, after=after, up_to=up_to)
    assert list(CustomerFacts.objects.order_by("pk").values()) == whole
    assert not HealthScore.objects.exists()
