"""The health of customers, silence, and the book that shows both."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Activity
from pipeline.engine.health import LEAST_GAPS, Input, health_of, is_silent, usual_gap
from pipeline.models import CustomerFacts, HealthInput, HealthScore
from pipeline.services.contracts import make_contract
from pipeline.services.customers import gather_customers, score_customers

TODAY = date.today()
CODES = ("contact", "silence", "onboarding", "tickets", "satisfaction", "trend")
inputs_of_any_kind = st.lists(
    st.builds(lambda code, weight, good, by: Input(code, weight, good, good + by), st.sampled_from(CODES),
              st.integers(0, 100), st.integers(-100, 100), st.integers(-90, 90).filter(bool)),
    unique_by=lambda each: each.code, max_size=6,
)  # fmt: skip
values_of_any_kind = st.dictionaries(st.sampled_from(CODES), st.none() | st.integers(-1_000, 1_000))


@given(inputs_of_any_kind, values_of_any_kind)
def test_every_point_has_its_reason_and_the_score_is_their_sum(inputs, values):
    health = health_of(inputs, values)
    known = [line for line in health.lines if line.out_of]
    assert all(0 <= line.points <= line.out_of for line in health.lines)
    assert all(line.value is not None for line in known)
    assert health.score == (sum(line.points for line in health.lines) if known else None)
    if known:
        assert sum(line.out_of for line in known) == 100


@given(inputs_of_any_kind.filter(len), values_of_any_kind, st.integers(0, 500))
def test_nothing_that_gets_better_lowers_the_score(inputs, values, by):
    each = inputs[0]
    if values.get(each.code) is None:
        return
    better = values | {each.code: values[each.code] + (by if each.good > each.bad else -by)}
    before, after = health_of(inputs, values).score, health_of(inputs, better).score
    assert before is None or after >= before


def test_what_is_not_known_is_left_out_and_its_points_shared():
    inputs = [Input("contact", 30, 0, 100), Input("tickets", 10, 0, 4), Input("trend", 60, 0, -25)]
    health = health_of(inputs, {"contact": 50, "tickets": 4})
    assert [(line.points, line.out_of) for line in health.lines] == [(38, 75), (0, 25), (0, 0)]
    assert health.score == 38


def days(*gaps):
    found = [TODAY - timedelta(days=sum(gaps) + 1)]
    for gap in gaps:
        found.append(found[-1] + timedelta(days=gap))
    return found


def test_silence_is_a_gap_beyond_nine_in_ten_of_ones_own():
    history = days(10, 10, 10, 10, 10, 10, 10, 10, 10, 40)
    assert usual_gap(history) == 10
    last = max(history)
    assert not is_silent(history, last + timedelta(days=10))
    assert is_silent(history, last + timedelta(days=11))


def test_of_somebody_hardly_known_nothing_is_said():
    assert usual_gap(days(*[10] * (LEAST_GAPS - 1))) is None
    assert not is_silent([TODAY - timedelta(days=900)], TODAY)
    assert not is_silent([], TODAY)


@pytest.fixture
def customer(account_of, cora):
    account = account_of(cora, "Acme", role=5)
    account.lifecycle = "customer"
    account.save()
    return account


def meet(account, user, *on, **facts):
    at = [datetime.combine(day, time(12), UTC) for day in on]
    facts = {"kind": "call", "account": account, "user": user} | facts
    Activity.objects.bulk_create(Activity(done_at=each, **facts) for each in at)


@given(st.lists(st.integers(0, 400), max_size=20))
def test_the_database_finds_the_same_gap_as_the_definition(ago):
    """percentile_disc is the nearest rank."""
    from django.db import connection

    history = sorted({TODAY - timedelta(days=each) for each in ago})
    gaps = [(b - a).days for a, b in pairwise(history)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY gap) FROM unnest(%s::int[]) gap", [gaps])
        found = cursor.fetchone()[0]
    assert usual_gap(history) == (found if len(gaps) >= LEAST_GAPS else None)


test_the_database_finds_the_same_gap_as_the_definition = pytest.mark.django_db(
    test_the_database_finds_the_same_gap_as_the_definition
)


def test_a_night_gathers_contacts_and_orders_and_scores_them(customer, cora, deal_of):
    history = days(20, 20, 20, 20, 20)
    meet(customer, cora, *history[:-1])
    meet(customer, cora, TODAY, kind="note")  # no contact
    meet(customer, cora, TODAY, outcome="not_there")
    deal_of(cora, account=customer, stage="Won", close_date=history[-1], next_step="", next_step_on=None)
    gather_customers(day=TODAY)
    score_customers(day=TODAY)
    facts = CustomerFacts.objects.get(account=customer)
    assert (facts.last_contact_on, facts.last_seen_on, facts.usual_gap, facts.gaps) == (history[-2], history[-1], 20, 5)
    assert facts.silent_from == history[-1] + timedelta(days=21)
    assert facts.is_silent(facts.silent_from)
    assert not facts.is_silent(facts.silent_from, last_contact=facts.silent_from)
    assert facts.score == sum(points for _code, _value, points, _out_of in facts.lines)
    assert {code for code, value, *_ in facts.lines if value is not None} >= {"contact", "silence"}


def test_the_score_of_any_past_day_can_be_opened(customer, cora, as_user):
    meet(customer, cora, TODAY - timedelta(days=40))
    for day in (TODAY - timedelta(days=40), TODAY - timedelta(days=20), TODAY - timedelta(days=19), TODAY):
        gather_customers(day=day)
        score_customers(day=day)
    assert score_customers(day=TODAY) == 0  # once more, and nothing changes
    scores = {each.from_day: each.score for each in HealthScore.objects.filter(account=customer)}
    then = TODAY - timedelta(days=30)
    page = as_user(cora).get(reverse("pipeline:customer_health", args=[customer.pk]), {"on": then}).context
    assert page["score"] == scores[TODAY - timedelta(days=40)] == 100
    now = as_user(cora).get(reverse("pipeline:customer_health", args=[customer.pk])).context
    assert now["score"] == scores[TODAY] < 100
    assert sum(line["points"] for line in now["lines"]) == now["score"]
    assert [each["day"] for each in now["days"]] == [TODAY - timedelta(days=40)]
    for line in now["lines"]:  # each reason opens what it was made of
        assert line["url"].startswith("#") or as_user(cora).get(line["url"]).status_code == 200


def test_the_book_shows_my_customers_by_renewal_and_filters_by_health(customer, cora, tom, account_of, deal_of, as_user):
    account_of(tom, "Strangers")
    won = deal_of(cora, account=customer, stage="Won", amount=Decimal(900), next_step="", next_step_on=None)
    facts = {"starts_on": TODAY, "until": TODAY + timedelta(days=30), "total": Decimal(900), "recurring": Decimal(900)}
    make_contract(deal=won, actor=cora, notice_days=0, **facts)  # in the book at once
    client, url = as_user(cora), reverse("pipeline:customer_list")
    book = client.get(url)
    row = book.context["page"].rows[0]
    assert (row.account, row.renews_on, row.recurring) == (customer, facts["until"], 900)
    assert [each["on"] for each in book.context["chips"][:2]] == [True, False]  # mine
    shown = {
        name: len(client.get(url, {name: value}).context["page"].rows) for name, value in (("renewal", "soon"), ("silent", "1"))
    }
    assert shown == {"renewal": 1, "silent": 0}
    CustomerFacts.objects.update(score=30)
    assert len(client.get(url, {"health": "poor"}).context["page"].rows) == 1
    assert len(client.get(url, {"health": "good"}).context["page"].rows) == 0
    assert len(as_user(tom).get(url, {"whose": "all"}).context["page"].rows) == 0


def test_operations_weigh_an_input_otherwise(as_user, otto):
    record = HealthInput.objects.get_or_create(code="contact", defaults={"weight": 25, "good": 14, "bad": 90})[0]
    url = reverse("pipeline:health_input_edit", args=[record.pk])
    assert as_user(otto).post(url, {"weight": 40, "good": 7, "bad": 7}).status_code == 422
    assert as_user(otto).post(url, {"weight": 40, "good": 7, "bad": 60}).status_code == 302
    record.refresh_from_db()
    assert record.rule == Input("contact", 40, 7, 60)
