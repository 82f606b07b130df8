"""Exit criteria: a deal goes on only with what the stages it leaves ask for, on every path; who lets it pass is reported."""

from itertools import pairwise

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Activity, Contact
from pipeline.engine import stages as pure
from pipeline.models import Criterion, Deal, GateOverride, LossReason, Product, Tick
from pipeline.services import change_deals, create_deal, link_activity, move_deal, tick
from salesorg.lib.errors import DomainError

# the pure part

STEPS = [pure.Step(i, i) for i in range(4)] + [pure.Step(8, 8, pure.WON), pure.Step(9, 9, pure.LOST)]
step = st.sampled_from(STEPS)


@given(step, step)
def test_back_to_lost_and_from_won_nothing_is_asked(before, after):
    asked = pure.left_behind(STEPS, before, after)
    is_back = after.position <= before.position or after.status == pure.LOST or before.status == pure.WON
    assert (asked == ()) == is_back


@given(st.lists(st.sampled_from(STEPS[:4]), min_size=2, max_size=6).map(lambda way: sorted(way, key=lambda each: each.position)))
def test_no_way_forward_in_small_steps_asks_for_less_than_the_leap(way):
    leap = pure.left_behind(STEPS, way[0], way[-1])
    small = [key for before, after in pairwise(way) for key in pure.left_behind(STEPS, before, after)]
    assert small == list(leap)


@given(step, step, st.sets(st.sampled_from(range(4))))
def test_a_stage_that_is_no_longer_in_use_asks_for_nothing(before, after, archived):
    steps = [pure.Step(each.key, each.position, each.status, each.key not in archived) for each in STEPS]
    expected = tuple(key for key in pure.left_behind(STEPS, before, after) if key not in archived)
    assert pure.left_behind(steps, before, after) == expected


@given(st.lists(st.sampled_from("SAC"), max_size=6))
def test_the_selling_model_says_how_often_a_deal_changes_hands(roles):
    model, times = pure.selling_model(roles), pure.handovers(roles)
    assert (model == "") == (not roles)
    assert (model == pure.ISLAND) == (bool(roles) and times == 0)
    assert (model == pure.LINE) == (0 < times < len(set(roles)))


# what is asked for


@pytest.fixture
def asks(stages):
    """The criterion that a stage asks for: asks("Prospecting", "check", "Budget confirmed")."""
    return lambda stage, kind, value: Criterion.objects.create(stage=stages[stage], kind=kind, value=value)


@pytest.fixture
def price(db):
    return LossReason.objects.create(name="Price")


def refused(*words, **move):
    with pytest.raises(DomainError) as refusal:
        move_deal(**move)
    for each in words:
        assert each in str(refusal.value)
    return refusal.value


def test_a_deal_goes_on_when_its_checklist_is_ticked(rita, deal_of, stages, asks):
    budget, deal = asks("Prospecting", "check", "The budget is confirmed"), deal_of(rita)
    refusal = refused("Before it leaves “Prospecting”: The budget is confirmed.", deal=deal, stage=stages["Engaging"], actor=rita)
    assert refusal.links == (("The budget is confirmed", f"{deal.get_absolute_url()}#criteria"),)
    tick(deal=deal, criterion=budget, ticked=True, actor=rita)
    tick(deal=deal, criterion=budget, ticked=True, actor=rita)
    assert Tick.objects.get().user == rita
    assert move_deal(deal=deal, stage=stages["Engaging"], actor=rita).stage.name == "Engaging"


def test_a_tick_taken_away_is_missing_again(rita, deal_of, stages, asks):
    budget, deal = asks("Prospecting", "check", "The budget is confirmed"), deal_of(rita)
    tick(deal=deal, criterion=budget, ticked=True, actor=rita)
    tick(deal=deal, criterion=budget, ticked=False, actor=rita)
    refused("budget", deal=deal, stage=stages["Engaging"], actor=rita)


def test_a_demo_counts_once_it_was_held_about_this_deal(rita, deal_of, stages, asks):
    asks("Prospecting", "activity", "demo")
    deal, other = deal_of(rita), deal_of(rita)

    def show(about, outcome="well", done=True):
        facts = {"done_at": deal.created_at} if done else {}
        demo = Activity.objects.create(account=about.account, user=rita, kind="demo", due_on=rita.today, outcome=outcome, **facts)
        link_activity(deal=about, activity=demo, actor=rita)

    show(other)
    show(deal, done=False)
    show(deal, outcome="not_there")
    refusal = refused("A demo was held", deal=deal, stage=stages["Engaging"], actor=rita)
    assert "kind=demo" in refusal.links[0][1] and f"deal={deal.pk}" in refusal.links[0][1]
    show(deal)
    assert move_deal(deal=deal, stage=stages["Engaging"], actor=rita).stage.name == "Engaging"


def test_a_fact_may_come_with_the_move(rita, deal_of, stages, asks):
    asks("Prospecting", "field", "product")
    asks("Prospecting", "field", "amount")
    deal = deal_of(rita, amount=0)
    refusal = refused("A product is chosen · The amount is more than zero", deal=deal, stage=stages["Engaging"], actor=rita)
    assert refusal.fields == ("product", "amount")
    pump = Product.objects.create(name="Pump")
    assert move_deal(deal=deal, stage=stages["Engaging"], actor=rita, product=pump, amount=5).product == pump


def test_who_decides_must_be_known_at_the_account(rita, deal_of, stages, asks):
    asks("Prospecting", "contact", "decider")
    deal = deal_of(rita)
    refused("It is known who decides", deal=deal, stage=stages["Engaging"], actor=rita)
    Contact.objects.create(account=deal.account, name="Dee", decision_role="decider")
    move_deal(deal=deal, stage=stages["Engaging"], actor=rita)


def test_a_leap_to_won_meets_the_criteria_of_every_stage_between(rita, deal_of, stages, asks):
    asks("Prospecting", "check", "First")
    second = asks("Engaging", "check", "Second")
    deal = deal_of(rita)
    refused("leaves “Prospecting”: First. Before it leaves “Engaging”: Second.", deal=deal, stage=stages["Won"], actor=rita)
    tick(deal=deal, criterion=second, ticked=True, actor=rita)
    assert "Second" not in str(refused("First", deal=deal, stage=stages["Won"], actor=rita))


def test_back_and_to_lost_only_the_reason_is_asked(rita, deal_of, stages, asks, price):
    asks("Prospecting", "check", "First")
    asks("Engaging", "check", "Second")
    assert move_deal(deal=deal_of(rita, stage="Engaging"), stage=stages["Prospecting"], actor=rita).stage.name == "Prospecting"
    deal = deal_of(rita)
    refused("loss reason", deal=deal, stage=stages["Lost"], actor=rita)
    assert move_deal(deal=deal, stage=stages["Lost"], actor=rita, loss_reason=price).status == "lost"


# no way around


def test_losing_a_deal_and_reopening_it_further_on_is_no_way_around(rita, deal_of, stages, asks, price):
    asks("Prospecting", "check", "First")
    asks("Engaging", "check", "Second")
    deal = move_deal(deal=deal_of(rita), stage=stages["Lost"], actor=rita, loss_reason=price)
    refused("First", deal=deal, stage=stages["Engaging"], actor=rita)
    refused("First", "Second", deal=deal, stage=stages["Won"], actor=rita)
    assert move_deal(deal=deal, stage=stages["Prospecting"], actor=rita).is_open
    further = move_deal(deal=deal_of(rita, stage="Engaging"), stage=stages["Lost"], actor=rita, loss_reason=price)
    assert move_deal(deal=further, stage=stages["Engaging"], actor=rita).is_open


def test_a_new_deal_does_not_begin_beyond_a_gate(rita, account_of, deal_of, stages, asks):
    asks("Prospecting", "check", "First")
    facts = {"name": "Pumps", "account": account_of(rita), "amount": 1, "close_date": rita.today, "next_step": "Call"}
    facts |= {"next_step_on": rita.today, "owner": rita, "actor": rita}
    with pytest.raises(DomainError, match="Before it leaves “Prospecting”: First"):
        create_deal(stage=stages["Engaging"], **facts)
    assert create_deal(stage=stages["Prospecting"], **facts).is_open


def test_of_many_changed_at_once_those_that_meet_the_criteria_go_on(
    rita, account_of, deal_of, stages, asks, django_assert_max_num_queries
):
    first = asks("Prospecting", "check", "First")
    asks("Prospecting", "activity", "call")
    asks("Prospecting", "contact", "user")
    asks("Prospecting", "field", "amount")
    account = account_of(rita)
    Contact.objects.create(account=account, name="Uma", decision_role="user")
    deals = [deal_of(rita, account) for _each in range(5)]
    for deal in deals[:2]:
        tick(deal=deal, criterion=first, ticked=True, actor=rita)
        call = Activity.objects.create(account=account, user=rita, kind="call", done_at=deal.created_at)
        link_activity(deal=deal, activity=call, actor=rita)
    with django_assert_max_num_queries(16):
        plan = change_deals(deals=Deal.objects.all(), stage=stages["Engaging"], actor=rita)
    assert {deal for deal, _was in plan.changes} == set(deals[:2])
    assert {why for _deal, why in plan.refused} == {"Before it leaves “Prospecting”: First · A call was made."}
    assert set(Deal.objects.filter(stage=stages["Engaging"])) == set(deals[:2])


# overrides


def test_a_manager_lets_a_deal_pass_for_a_reason_and_it_is_reported(rita, mia, tom, deal_of, stages, asks, as_user):
    asks("Prospecting", "check", "First")
    asks("Engaging", "activity", "demo")
    deal = deal_of(rita)
    with pytest.raises(DomainError, match="Only a manager or sales operations"):
        move_deal(deal=deal, stage=stages["Won"], actor=rita, override="We know them")
    refused("First", deal=deal, stage=stages["Won"], actor=mia, override="  ")
    assert move_deal(deal=deal, stage=stages["Won"], actor=mia, override="We know them").status == "won"
    assert {row.criterion for row in GateOverride.objects.all()} == {"First", "A demo was held"}
    page = as_user(mia).get(reverse("pipeline:override_list")).content.decode()
    for words in ("First", "A demo was held", "We know them", "Mia", deal.get_absolute_url(), "Prospecting → Won"):
        assert words in page


def test_whoever_does_not_see_the_deal_does_not_see_its_override(rita, mia, person, deal_of, stages, asks, as_user):
    from salesorg.people.roles import Role

    asks("Prospecting", "check", "First")
    move_deal(deal=deal_of(rita), stage=stages["Engaging"], actor=mia, override="Secret reason")
    assert (
        "Secret reason"
        not in as_user(person("max", "south", Role.MANAGER)).get(reverse("pipeline:override_list")).content.decode()
    )


def test_a_criterion_that_is_gone_is_still_told_in_words(rita, mia, deal_of, stages, asks, as_user):
    first = asks("Prospecting", "check", "First")
    move_deal(deal=deal_of(rita), stage=stages["Engaging"], actor=mia, override="Because")
    first.delete()
    assert "First" in as_user(mia).get(reverse("pipeline:override_list")).content.decode()


# the pages


def move(client, deal, stage, **more):
    return client.post(reverse("pipeline:deal_move", args=[deal.pk]), {"stage": stage.pk, "seen": deal.stage_id} | more)


def test_the_dialog_takes_ticks_and_facts_and_then_moves(rita, deal_of, stages, asks, as_user):
    budget = asks("Prospecting", "check", "The budget is confirmed")
    asks("Prospecting", "field", "product")
    deal, pump, client = deal_of(rita), Product.objects.create(name="Pump"), as_user(rita)
    asked = move(client, deal, stages["Engaging"])
    assert asked.status_code == 422
    assert {f"tick_{budget.pk}", "product"} <= set(asked.context["form"].fields)
    assert "override" not in asked.context["form"].fields
    assert move(client, deal, stages["Engaging"], asked="1", product=pump.pk, version=deal.version).status_code == 422
    assert not Tick.objects.exists()
    done = move(client, deal, stages["Engaging"], asked="1", product=pump.pk, version=deal.version, **{f"tick_{budget.pk}": "on"})
    assert done.status_code == 302
    deal.refresh_from_db()
    assert (deal.stage.name, deal.product, Tick.objects.get().user) == ("Engaging", pump, rita)


def test_a_criterion_added_while_the_dialog_was_open_is_asked_too(rita, deal_of, stages, asks, as_user):
    first, deal, client = asks("Prospecting", "check", "First"), deal_of(rita), as_user(rita)
    assert move(client, deal, stages["Engaging"]).status_code == 422
    asks("Prospecting", "check", "Added meanwhile")
    answer = move(client, deal, stages["Engaging"], asked="1", version=deal.version, **{f"tick_{first.pk}": "on"})
    assert answer.status_code == 422 and "Added meanwhile" in answer.content.decode()
    first.delete()
    Criterion.objects.all().delete()
    assert (
        move(client, deal, stages["Engaging"], asked="1", version=deal.version, **{f"tick_{first.pk}": "on"}).status_code == 302
    )


def test_what_is_met_elsewhere_is_a_link_and_a_manager_may_say_why_not(rita, mia, deal_of, stages, asks, as_user):
    asks("Prospecting", "activity", "demo")
    deal = deal_of(rita)
    seen = move(as_user(rita), deal, stages["Engaging"])
    assert "kind=demo" in seen.content.decode() and not seen.context["form"].may_go_on
    client = as_user(mia)
    assert move(client, deal, stages["Engaging"], asked="1", version=deal.version).status_code == 422
    assert move(client, deal, stages["Engaging"], asked="1", version=deal.version, override="Known for years").status_code == 302
    assert GateOverride.objects.get().reason == "Known for years"


def test_who_decides_is_said_where_the_people_of_the_account_stand(rita, deal_of, stages, asks, as_user):
    asks("Prospecting", "contact", "decider")
    deal, client = deal_of(rita), as_user(rita)
    [line] = client.get(deal.get_absolute_url()).context["checklist"]
    page, _hash, place = line["url"].partition("#")
    assert page == deal.account.get_absolute_url() and f'id="{place}"' in client.get(page).content.decode()


def test_the_deal_page_shows_what_is_met_and_who_ticked(rita, sol, deal_of, stages, asks, as_user):
    budget = asks("Prospecting", "check", "The budget is confirmed")
    asks("Prospecting", "activity", "demo")
    deal, client = deal_of(rita), as_user(rita)
    ticked = client.post(reverse("pipeline:deal_tick", args=[deal.pk, budget.pk]), {"ticked": "1"})
    assert ticked.status_code == 302
    shown = client.get(deal.get_absolute_url()).context["checklist"]
    assert [(each["is_met"], each["tick"] and each["tick"].user) for each in shown] == [(True, rita), (False, None)]


def test_a_stage_worked_by_another_role_says_who_ought_to_hold_the_deal(rita, sol, mia, deal_of, stages, as_user):
    from salesorg.people.roles import Role

    stages["Prospecting"].owner_role = Role.SDR_INBOUND
    stages["Prospecting"].save()
    deal = deal_of(rita)
    assert as_user(rita).get(deal.get_absolute_url()).context["deal"].ought == "SDR, inbound"
    for fitting in (sol, mia):  # who calls also answers; who leads holds any stage
        Deal.objects.filter(pk=deal.pk).update(owner=fitting)
        assert as_user(rita).get(deal.get_absolute_url()).context["deal"].ought == ""
