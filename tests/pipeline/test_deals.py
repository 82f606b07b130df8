"""What a salesperson does with a deal, and what is refused in words."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from pipeline.models import Deal, DealMember, LossReason
from pipeline.services import Share, assign_deals, change_deal, create_deal, link_activity, move_deal, set_members
from salesorg.lib.errors import DomainError
from salesorg.people.roles import Role

TODAY = date(2026, 3, 3)


@pytest.fixture
def price(db):
    return LossReason.objects.create(name="Price")


@pytest.fixture
def imported(deal_of):
    """A deal whose history came without account, amount, close date and next step."""

    def make(user, **fields):
        debt = ["account", "amount", "close_date", "next_step"]
        empty = {"amount": None, "close_date": None, "next_step": "", "next_step_on": None, "gate_debt": debt}
        deal = deal_of(user, **empty | fields)
        Deal.objects.filter(pk=deal.pk).update(account=None)
        deal.refresh_from_db()
        return deal

    return make


def shares_of(deal, day):
    return {member.user.name: member.revenue_share for member in deal.members.on(day).select_related("user")}


def new_deal(user, on, stages, **more):
    facts = {
        "name": "Pumps",
        "account": on,
        "amount": 1000,
        "currency": "USD",
        "close_date": TODAY + timedelta(days=30),
        "next_step": "Call",
        "next_step_on": TODAY + timedelta(days=1),
    }
    return create_deal(owner=user, stage=stages["Engaging"], actor=user, today=TODAY, **facts | more)


# creating and changing


def test_the_owner_of_a_new_deal_has_all_of_its_revenue(rita, account_of, stages):
    deal = new_deal(rita, account_of(rita), stages)
    member = deal.members.get()
    assert (member.user, member.role, member.revenue_share, member.during.lower) == (rita, Role.AE, DealMember.WHOLE, TODAY)
    assert (deal.status, deal.forecast_category, deal.opened_on) == ("open", "best_case", TODAY)


def test_a_new_deal_sent_twice_is_opened_once(rita, account_of, stages):
    new_deal(rita, account := account_of(rita), stages)
    with pytest.raises(DomainError, match="You have just opened this deal"):
        new_deal(rita, account, stages)
    new_deal(rita, account, stages, name="More pumps")
    assert Deal.objects.count() == 2


def test_nobody_owns_a_deal_who_could_not_work_on_it(rita, ada, fay, account_of, deal_of, stages):
    deal = deal_of(rita)
    with pytest.raises(DomainError, match="Ada has no role in sales"):
        assign_deals(deals=Deal.objects.filter(pk=deal.pk), owner=ada, actor=rita)
    with pytest.raises(DomainError, match="Fay has no role in sales"):
        new_deal(fay, account_of(rita), stages)


@pytest.mark.parametrize(
    ("lacking", "words", "fields"),
    [
        ({"next_step": ""}, "a next step with its date", ("next_step", "next_step_on")),
        ({"next_step_on": None}, "a next step with its date", ("next_step", "next_step_on")),
        ({"account": None}, "an account", ("account",)),
        ({"amount": None, "close_date": None}, "an amount and a close date", ("amount", "close_date")),
    ],
)
def test_an_open_deal_without_its_facts_is_refused_by_name(rita, account_of, stages, lacking, words, fields):
    with pytest.raises(DomainError, match=f"An open deal needs {words}") as refusal:
        new_deal(rita, account_of(rita), stages, **lacking)
    assert refusal.value.fields == fields


def test_a_change_leaves_what_it_does_not_name(rita, sam, deal_of):
    deal = deal_of(rita)
    seen_by_rita, seen_by_sam = Deal.objects.get(pk=deal.pk), Deal.objects.get(pk=deal.pk)
    change_deal(deal=seen_by_rita, actor=rita, amount=5000)
    change_deal(deal=seen_by_sam, actor=sam, next_step="Send the offer")
    deal.refresh_from_db()
    assert (deal.amount, deal.next_step) == (5000, "Send the offer")


def test_the_first_edit_of_an_imported_deal_must_bring_what_the_import_could_not(rita, imported, account_of):
    deal = imported(rita)
    with pytest.raises(DomainError, match="an account, an amount, a close date and a next step") as refusal:
        change_deal(deal=deal, actor=rita, name="Pumps")
    assert refusal.value.fields == ("account", "amount", "close_date", "next_step", "next_step_on")
    facts = {"account": account_of(rita), "amount": 1, "close_date": TODAY, "next_step": "Call", "next_step_on": TODAY}
    assert change_deal(deal=deal, actor=rita, **facts).gate_debt == []


@pytest.mark.parametrize(
    "sql_values",
    [{"account": None}, {"amount": None}, {"close_date": None}, {"next_step": ""}, {"amount": -1}, {"status": "lost"}],
    ids=str,
)
def test_the_database_refuses_what_the_gates_refuse(rita, deal_of, sql_values):
    with pytest.raises(IntegrityError):
        Deal.objects.filter(pk=deal_of(rita).pk).update(**sql_values)


# moving


def test_a_deal_moved_on_takes_the_stage_s_category_and_keeps_its_expected_close_date(rita, deal_of, stages):
    deal = deal_of(rita)
    moved = move_deal(deal=deal, stage=stages["Engaging"], actor=rita, today=TODAY)
    assert (moved.stage.name, moved.forecast_category, moved.close_date) == ("Engaging", "best_case", deal.close_date)
    assert moved.stage_since > deal.stage_since


def test_a_deal_won_closes_today(rita, deal_of, stages):
    moved = move_deal(deal=deal_of(rita), stage=stages["Won"], actor=rita, today=TODAY)
    assert (moved.status, moved.close_date, moved.forecast_category) == ("won", TODAY, "closed")


def test_a_deal_won_last_friday_keeps_the_day_that_was_given(rita, deal_of, stages):
    friday = TODAY - timedelta(days=4)
    assert move_deal(deal=deal_of(rita), stage=stages["Won"], actor=rita, today=TODAY, close_date=friday).close_date == friday


def test_a_deal_lost_without_a_reason_is_refused_and_stays_where_it_was(rita, deal_of, stages, price):
    deal = deal_of(rita)
    with pytest.raises(DomainError, match="A lost deal needs a loss reason") as refusal:
        move_deal(deal=deal, stage=stages["Lost"], actor=rita)
    assert refusal.value.fields == ("loss_reason",)
    deal.refresh_from_db()
    assert deal.status == "open"
    assert move_deal(deal=deal, stage=stages["Lost"], actor=rita, loss_reason=price).loss_reason == price


def test_a_lost_deal_opened_again_is_open_without_its_loss_reason(rita, deal_of, stages, price):
    deal = move_deal(deal=deal_of(rita), stage=stages["Lost"], actor=rita, loss_reason=price)
    deal = move_deal(deal=deal, stage=stages["Prospecting"], actor=rita, close_date=TODAY)
    assert (deal.status, deal.loss_reason) == ("open", None)


def test_an_imported_deal_moves_only_with_what_it_owes(rita, imported, account_of, stages):
    deal = imported(rita)
    with pytest.raises(DomainError, match="A won deal needs an account and an amount"):
        move_deal(deal=deal, stage=stages["Won"], actor=rita)
    moved = move_deal(deal=deal, stage=stages["Won"], actor=rita, account=account_of(rita), amount=10)
    assert (moved.status, moved.gate_debt) == ("won", [])


def test_the_second_of_two_who_move_a_deal_hears_who_was_first(rita, sam, deal_of, stages, acting_as):
    deal = deal_of(rita)
    with acting_as(rita):
        move_deal(deal=deal, stage=stages["Engaging"], actor=rita, seen=stages["Prospecting"])
    with pytest.raises(DomainError, match="Rita has moved this deal to “Engaging” meanwhile"):
        move_deal(deal=deal, stage=stages["Won"], actor=sam, seen=stages["Prospecting"])


def test_moving_a_deal_to_where_it_is_changes_nothing(rita, deal_of, stages):
    deal = deal_of(rita)
    move_deal(deal=deal, stage=stages["Prospecting"], actor=rita)
    assert deal.versions.count() == 1


def test_a_stage_of_another_pipeline_is_refused(rita, deal_of, stages):
    from pipeline.models import Pipeline, Stage

    other = Stage.objects.create(pipeline=Pipeline.objects.create(name="Renewals"), name="Due", position=0, probability=80)
    with pytest.raises(DomainError, match="another pipeline"):
        move_deal(deal=deal_of(rita), stage=other, actor=rita)


# handing over and sharing


def test_a_new_owner_takes_over_the_share_and_the_past_stays_with_the_former(rita, sam, deal_of):
    deal = deal_of(rita)
    assert assign_deals(deals=Deal.objects.filter(pk=deal.pk), owner=sam, actor=rita, today=TODAY) == 1
    deal.refresh_from_db()
    assert deal.owner == sam
    assert shares_of(deal, TODAY - timedelta(days=1)) == {"Rita": 10_000}
    assert shares_of(deal, TODAY) == {"Sam": 10_000}


def test_a_new_owner_who_had_a_share_holds_both(rita, sam, cora, deal_of):
    deal = deal_of(rita)
    shares = [Share(rita, Role.AE, 6000), Share(sam, Role.AE, 3000), Share(cora, Role.CSM, 1000)]
    set_members(deal=deal, shares=shares, actor=rita, today=TODAY)
    assign_deals(deals=Deal.objects.filter(pk=deal.pk), owner=sam, actor=rita, today=TODAY + timedelta(days=5))
    assert shares_of(deal, TODAY + timedelta(days=4)) == {"Rita": 6000, "Sam": 3000, "Cora": 1000}
    assert shares_of(deal, TODAY + timedelta(days=5)) == {"Sam": 9000, "Cora": 1000}


def test_twice_handed_over_on_one_day_leaves_only_the_last(rita, sam, cora, deal_of):
    deal = deal_of(rita)
    for owner in (sam, cora):
        assign_deals(deals=Deal.objects.filter(pk=deal.pk), owner=owner, actor=rita, today=TODAY)
    assert shares_of(deal, TODAY) == {"Cora": 10_000}
    assert shares_of(deal, TODAY - timedelta(days=1)) == {"Rita": 10_000}


def test_many_deals_are_handed_over_in_a_fixed_number_of_queries(rita, sam, deal_of, django_assert_max_num_queries):
    for _each in range(30):
        deal_of(rita)
    with django_assert_max_num_queries(13):
        assert assign_deals(deals=Deal.objects.all(), owner=sam, actor=rita) == 30


def test_a_closed_deal_stays_with_who_closed_it(rita, sam, deal_of, stages):
    deal = move_deal(deal=deal_of(rita), stage=stages["Won"], actor=rita)
    with pytest.raises(DomainError, match="is closed"):
        assign_deals(deals=Deal.objects.filter(pk=deal.pk), owner=sam, actor=rita)
    with pytest.raises(DomainError, match="settled"):
        set_members(deal=deal, shares=[Share(rita, Role.AE, 10_000)], actor=rita)


def test_nobody_who_left_gets_a_deal(rita, gone, deal_of):
    with pytest.raises(DomainError, match="no longer works here"):
        assign_deals(deals=Deal.objects.filter(pk=deal_of(rita).pk), owner=gone, actor=rita)


@pytest.mark.parametrize("parts", [(9999, 0), (10_000, 1), (5000, 4000), (10_001, -1)])
def test_revenue_shares_that_are_not_exactly_all_are_refused(rita, sam, deal_of, parts):
    shares = [Share(rita, Role.AE, parts[0]), Share(sam, Role.AE, parts[1])]
    with pytest.raises(DomainError, match="share"):
        set_members(deal=deal_of(rita), shares=shares, actor=rita)


def test_shares_changed_keep_who_did_not_change(rita, sam, cora, deal_of):
    deal = deal_of(rita)
    first = [Share(rita, Role.AE, 6000), Share(sam, Role.AE, 4000)]
    set_members(deal=deal, shares=first, actor=rita, today=TODAY)
    kept = deal.members.get(user=rita, revenue_share=6000).pk
    later = TODAY + timedelta(days=9)
    set_members(deal=deal, shares=[first[0], Share(cora, Role.CSM, 4000)], actor=rita, today=later)
    assert shares_of(deal, later) == {"Rita": 6000, "Cora": 4000}
    assert deal.members.on(later).get(user=rita).pk == kept


def test_an_owner_cannot_be_left_out_of_the_shares(rita, sam, deal_of):
    with pytest.raises(DomainError, match="keep Rita"):
        set_members(deal=deal_of(rita), shares=[Share(sam, Role.AE, 10_000)], actor=rita)


# activities


def test_a_visit_is_linked_to_a_deal_of_the_same_account_once(rita, deal_of):
    from accounts.models import Activity

    deal, other = deal_of(rita), deal_of(rita)
    visit = Activity.objects.create(account=deal.account, user=rita, kind="visit", due_on=TODAY)
    assert link_activity(deal=deal, activity=visit, actor=rita) == link_activity(deal=deal, activity=visit, actor=rita)
    with pytest.raises(DomainError, match="another account"):
        link_activity(deal=other, activity=visit, actor=rita)
