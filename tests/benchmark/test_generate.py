"""An invented organisation holds together like a real one, and is written only where nothing is."""

from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F, Q, Sum

from accounts.models import (
    Account,
    Coverage,
)
from pipeline.models import (
    Arrival,
    Contract,
    CustomerFacts,
    Deal,
    DealMember,
    DealVersion,
    Handoff,
    HealthScore,
    Invoice,
    Lead,
    OnboardingStep,
    Order,
    OrderLine,
    Stage,
    Stock,
    Survey,
    Ticket,
)
from pipeline.services import Exits
from pipeline.services.contracts import settle_lifecycles
from pipeline.services.response import unanswered
from salesorg.audit.models import Change
from salesorg.home.benchmark import workload
from salesorg.home.demo import PASSWORD
from salesorg.home.generator import generate
from salesorg.home.generator.shapes import cast, shape_of
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError
from salesorg.people.models import User
from salesorg.people.roles import Role
from territories.placement import check_coverage_agrees

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture
def invented():
    return generate(cast(TODAY, PASSWORD), today=TODAY)


def test_medium_has_the_size_that_is_promised():
    shape = shape_of("medium")
    assert (shape.accounts, shape.contacts, shape.deals, shape.activities) == (20_000, 50_000, 100_000, 200_000)
    assert len(shape.people) == 200
    assert len({person.key for person in shape.people}) == 200


def test_every_account_lies_in_a_patch_and_coverage_agrees(invented):
    assert Coverage.objects.filter(role=Role.AE, during__contains=TODAY).count() == Account.objects.count() == 62
    assert check_coverage_agrees(day=TODAY) == []


def test_the_last_state_of_every_deal_is_the_deal_itself(invented):
    now = {version.deal_id: version for version in DealVersion.objects.filter(during__endswith=None)}
    for deal in Deal.objects.all():
        version = now[deal.pk]
        assert (version.stage_id, version.owner_id, version.amount, version.close_date) == (
            deal.stage_id,
            deal.owner_id,
            deal.amount,
            deal.close_date,
        )
    assert DealVersion.objects.count() > 2 * Deal.objects.count()


def test_the_states_of_a_deal_follow_each_other_without_gaps(invented):
    last = {}
    for version in DealVersion.objects.order_by("deal", "during"):
        if version.deal_id in last:
            assert version.during.lower == last[version.deal_id].during.upper
        last[version.deal_id] = version
    assert all(version.during.lower <= datetime(2026, 11, 21, tzinfo=UTC) for version in last.values())


def test_on_every_day_the_shares_of_a_deal_add_up_to_the_whole(invented):
    whole = DealMember.objects.filter(during__contains=TODAY).values("deal").annotate(share=Sum("revenue_share"))
    assert {row["share"] for row in whole} == {DealMember.WHOLE}
    assert whole.count() == Deal.objects.count()


def test_open_deals_have_a_next_step_and_lost_ones_a_reason(invented):
    assert not Deal.objects.filter(status="open").filter(Q(next_step="") | Q(next_step_on=None)).exists()
    assert not Deal.objects.filter(status="lost", loss_reason=None).exists()
    assert set(Deal.objects.values_list("status", flat=True)) == {"open", "won", "lost"}


def test_who_left_owns_only_what_closed_before(invented):
    gone = User.objects.get(email="gone@northwind.example")
    assert not gone.is_active
    assert not Deal.objects.filter(owner=gone, status="open").exists()


@pytest.fixture
def flowing():
    """The same, with leads that have clocks, stages that ask for something, and deals that are handed over."""
    return generate(replace(cast(TODAY, PASSWORD), handoffs=60, leads=120, tickets=60), today=TODAY)


def test_deals_pass_from_role_to_role_in_every_state(flowing):
    assert set(Handoff.objects.values_list("state", flat=True)) >= {"offered", "accepted", "returned"}
    for handoff in Handoff.objects.waiting().select_related("deal"):
        assert (handoff.giver_id, handoff.status_then) == (handoff.deal.owner_id, handoff.deal.status)
    assert {role for pair in Handoff.objects.values_list("giver_role", "taker_role") for role in pair} == {
        Role.SDR_OUTBOUND,
        Role.AE,
        Role.CSM,
    }
    assert Handoff.objects.filter(decided_at__gt=datetime(2026, 11, 20, tzinfo=UTC)).count() == 0
    whole = DealMember.objects.filter(during__contains=TODAY).values("deal").annotate(share=Sum("revenue_share"))
    assert {row["share"] for row in whole} == {DealMember.WHOLE}


def test_leads_wait_for_an_answer_and_became_deals(flowing):
    assert unanswered(Lead.objects.filter(respond_by__isnull=False)).exists()
    assert Arrival.objects.count() == Lead.objects.count() == 120
    for lead in Lead.objects.filter(outcome="qualified").select_related("deal"):
        assert (lead.deal.account_id, lead.deal.opened_on) == (lead.account_id, lead.decided_on)
    assert Lead.objects.filter(deal__status="won").exists()


def test_customers_have_contracts_that_follow_each_other_and_a_health(flowing):
    contracts = Contract.objects.select_related("renews", "account").prefetch_related("values")
    assert len(contracts) == flowing["contracts"] > 20
    for each in contracts:
        assert each.renews is None or each.renews.during.upper == each.during.lower
        assert next(value.from_day for value in each.values.all()) == each.during.lower
        assert all(each.during.lower <= value.from_day < each.during.upper for value in each.values.all())
    assert CustomerFacts.objects.count() == len({each.account_id for each in contracts}) == HealthScore.objects.count()
    assert {row.lifecycle for row in Account.objects.filter(contracts__during__contains=TODAY)} == {"customer"}
    assert settle_lifecycles(day=TODAY, actor=None) == 0  # who has left is a former customer already
    assert Ticket.objects.open().filter(answered_at=None).exists() and Ticket.objects.filter(state="solved").exists()
    assert OnboardingStep.objects.filter(state="open").exists() and Survey.objects.exclude(score=None).exists()


def test_won_deals_were_ordered_and_what_is_promised_and_open_adds_up(flowing):
    orders = Order.objects.filter(deal__status="won", net=F("deal__amount"))
    assert orders.count() == flowing["orders"] > 20 and orders.filter(state="delivered").exists()
    lines = OrderLine.objects.filter(order__state="open").aggregate(sum=Sum("quantity"))["sum"] or 0
    assert Stock.objects.aggregate(sum=Sum("reserved"))["sum"] == lines
    assert not Invoice.objects.exclude(open__in=[0, F("amount")]).exists() and Invoice.objects.filter(open=0).exists()


def test_what_a_stage_asks_for_is_ticked_on_deals_that_left_it(flowing):
    first = Stage.objects.get(name="Prospecting")
    later = Deal.objects.open().exclude(stage=first)
    exits = Exits(later)
    assert exits.of_stage(first)
    assert [deal for deal in later if exits.unmet(deal, exits.of_stage(first))] == []


def test_two_runs_of_one_day_invent_the_same():
    seen = []
    for _run in range(2):
        with transaction.atomic():
            generate(cast(TODAY, PASSWORD), today=TODAY)
            names = list(Account.objects.order_by("pk").values_list("name", "city", "tier"))
            deals = list(Deal.objects.order_by("pk").values_list("name", "amount", "close_date", "stage__name", "owner__name"))
            seen.append((names, deals))
            transaction.set_rollback(True)
    assert seen[0] == seen[1]


def test_what_is_invented_says_so_in_its_history():
    with acting(None, "generate"):
        generate(cast(TODAY, PASSWORD), today=TODAY)
    for table, model in (("accounts_account", Account), ("pipeline_deal", Deal)):
        assert Change.objects.filter(table=table, operation="INSERT", cause="generate").count() == model.objects.count()


@pytest.mark.parametrize("command", ["generate", "load_demo"])
def test_nothing_is_invented_beside_real_people(command, rita):
    with pytest.raises(CommandError, match="not empty"):
        call_command(command)
    assert list(User.objects.all()) == [rita]


@pytest.mark.parametrize("command", ["generate", "load_demo", "nightly"])
def test_a_database_that_is_not_up_to_date_is_named_in_a_sentence(command, db):
    MigrationRecorder.Migration.objects.latest("id").delete()
    with pytest.raises(CommandError, match=r"Run manage\.py migrate first"):
        call_command(command)


def test_without_a_demo_there_are_no_sign_ins(db):
    out = StringIO()
    call_command("demo_sign_ins", stdout=out)
    assert out.getvalue() == ""


def test_the_benchmark_refuses_data_of_real_people(rita, account_of):
    account_of(rita)
    with pytest.raises(DomainError, match="generate"):
        workload()
