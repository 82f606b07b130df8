"""From won deals to statements: each night only the differences, and never twice."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from commissions.models import Credit, Event, LedgerEntry, Period, Statement
from commissions.services import set_quota
from pipeline.models import Deal, DealMember
from salesorg.lib.errors import DomainError
from salesorg.people.roles import Role

from .conftest import APRIL, MARCH, MAY


def books():
    """How many rows the books hold."""
    return [model.objects.count() for model in (Event, Credit, LedgerEntry, Statement)]


def sentences(run):
    return " ".join(problem["sentence"] for problem in run.problems)


def test_rita_is_paid_five_per_cent_up_to_quota_and_eight_above_it(rita, won, paid, night, pay_of):
    paid(rita, 10_000)
    won(rita, 8_000, on=date(2026, 3, 5))
    won(rita, 5_000, on=date(2026, 3, 20))
    night()
    assert pay_of(rita) == Decimal("740.00")


def test_a_second_night_over_an_unchanged_world_writes_nothing(rita, sam, won, paid, night):
    paid(rita, 10_000)
    paid(sam, 3_000)
    won(rita, 8_000)
    won(rita, "33.3333", shares={rita: 50, sam: 50})  # finer than a cent, and split
    first = night()
    before = books(), list(Statement.objects.values_list("run_id", "computed_at"))
    second = night()
    assert (books(), list(Statement.objects.values_list("run_id", "computed_at"))) == before
    assert first.counts["credits"] == 3
    assert (second.counts["credits"], second.counts["entries"], second.counts["statements written"]) == (0, 0, 0)


def test_a_split_deal_credits_everybody_and_adds_up_to_the_deal(rita, sam, won, night):
    won(rita, "100.01", shares={rita: 50, sam: 50})
    night()
    assert sorted(Credit.objects.values_list("amount", flat=True)) == [5000, 5001]


def test_an_overlay_is_credited_beside_the_deal(rita, cora, won, night):
    deal = won(rita, 1_000)
    DealMember.objects.create(deal=deal, user=cora, role=Role.CSM, overlay_share=2_500, during=DateRange(date(2020, 1, 1), None))
    night()
    assert list(Credit.objects.order_by("amount").values_list("payee__name", "amount")) == [("Cora", 25_000), ("Rita", 100_000)]


def test_the_members_on_the_close_date_are_credited_not_todays(rita, sam, won, night):
    deal = won(rita, 1_000)
    deal.members.update(during=DateRange(date(2020, 1, 1), date(2026, 3, 15)))
    DealMember.objects.create(deal=deal, user=sam, role=Role.AE, revenue_share=10_000, during=DateRange(date(2026, 3, 15), None))
    night()
    assert list(Credit.objects.values_list("payee__name", flat=True)) == ["Rita"]


def test_a_changed_amount_takes_the_booking_back_and_books_it_again(rita, won, paid, night, pay_of):
    paid(rita, 10_000)
    deal = won(rita, 2_000)
    night()
    Deal.objects.filter(pk=deal.pk).update(amount=3_000)
    night()
    assert list(Event.objects.order_by("pk").values_list("kind", "number", "amount")) == [
        ("booked", 1, 200_000),
        ("unbooked", 1, -200_000),
        ("booked", 2, 300_000),
    ]
    assert pay_of(rita) == Decimal("150.00")


def test_a_reopened_deal_gives_its_commission_back(rita, won, paid, night, pay_of, stages):
    paid(rita, 10_000)
    deal = won(rita, 2_000)
    night()
    Deal.objects.filter(pk=deal.pk).update(stage=stages["Engaging"], status="open")
    night()
    assert pay_of(rita) == 0
    Deal.objects.filter(pk=deal.pk).update(stage=stages["Won"], status="won")
    night()
    assert pay_of(rita) == 100


def test_a_deal_moved_to_another_month_moves_its_commission(rita, won, paid, night, pay_of):
    paid(rita, 10_000)
    deal = won(rita, 2_000)
    night()
    Deal.objects.filter(pk=deal.pk).update(close_date=date(2026, 4, 1))
    night()
    assert (pay_of(rita, MARCH), pay_of(rita, APRIL)) == (0, 100)


def test_a_deal_given_to_sam_moves_its_commission_to_sam(rita, sam, won, paid, night, pay_of):
    paid(rita, 10_000)
    paid(sam, 10_000)
    deal = won(rita, 2_000)
    night()
    deal.members.update(user=sam)
    night()
    assert (pay_of(rita), pay_of(sam)) == (0, 100)


def test_a_won_deal_without_amount_is_a_problem_and_never_a_zero(rita, won, paid, night):
    paid(rita, 10_000)
    won(rita, None)
    run = night()
    assert "has no amount" in sentences(run)
    assert Credit.objects.count() == 0


def test_shares_that_do_not_add_up_are_a_problem_and_what_was_credited_stays(rita, won, paid, night, pay_of):
    paid(rita, 10_000)
    deal = won(rita, 2_000)
    night()
    deal.members.update(revenue_share=6_000)
    assert "add up to 60%" in sentences(night())
    assert pay_of(rita) == 100


def test_credits_without_quota_or_plan_are_problems_and_what_was_posted_stays(rita, sam, won, paid, night, pay_of):
    paid(rita, 10_000)
    won(rita, 2_000)
    won(sam, 1_000)
    night()
    rita.quotas.all().delete()
    words = sentences(night())
    assert "Rita has credits in 2026-03 and no quota" in words
    assert "Sam has credits in 2026-03 and no pay plan" in words
    assert (pay_of(rita), pay_of(sam)) == (100, 0)
    assert Statement.objects.get(user=sam).snapshot["problems"] == [{"code": "no_plan", "component": None, "credit": None}]


def test_a_deal_in_another_currency_is_a_problem_and_the_others_are_paid(rita, won, paid, night, pay_of):
    paid(rita, 10_000)
    won(rita, 2_000)
    won(rita, 2_000, currency="EUR")
    assert "another currency" in sentences(night())
    assert pay_of(rita) == 100


def test_yen_and_dinars_are_counted_in_their_own_smallest_unit(rita, won, night):
    won(rita, 2_000, currency="JPY")
    won(rita, "1.234", currency="KWD")
    night()
    before = books()
    assert sorted(Credit.objects.values_list("currency", "amount")) == [("JPY", 2_000), ("KWD", 1_234)]
    night()
    assert books() == before


def test_a_new_quota_posts_only_the_difference(rita, won, paid, night, pay_of):
    paid(rita, 10_000)
    won(rita, 10_000)
    night()
    set_quota(user=rita, amount=Decimal(5_000), currency="USD", start=MARCH, actor=None)
    night()
    assert pay_of(rita) == Decimal("650.00")
    first, second = LedgerEntry.objects.order_by("pk")
    assert (first.amount, second.amount, second.corrects_id) == (50_000, 15_000, first.pk)


def test_a_change_in_a_closed_month_becomes_an_adjustment_in_the_open_one(rita, fay, won, paid, night, close, pay_of):
    paid(rita, 10_000)
    deal = won(rita, 2_000)
    night()
    close(fay, MARCH)
    issued = Statement.objects.get(user=rita, period__start=MARCH)
    Deal.objects.filter(pk=deal.pk).update(amount=1_500)
    night()
    assert Statement.objects.get(pk=issued.pk).snapshot == issued.snapshot
    assert (pay_of(rita, MARCH), pay_of(rita, APRIL)) == (100, -25)
    back, again = LedgerEntry.objects.filter(period_posted__start=APRIL).order_by("pk")
    original = LedgerEntry.objects.get(period_posted__start=MARCH)
    assert (back.amount, back.corrects_id, back.period_earned.start) == (-10_000, original.pk, MARCH)
    assert (again.amount, again.period_earned.start) == (7_500, MARCH)
    adjustments = Statement.objects.get(user=rita, period__start=APRIL).snapshot["adjustments"]
    assert [(each["earned"], each["amount"]) for each in adjustments] == [("2026-03-01", -10_000), ("2026-03-01", 7_500)]


def test_a_refund_after_payout_gives_a_negative_statement(rita, fay, won, paid, night, close, pay_of, stages):
    paid(rita, 10_000)
    deal = won(rita, 1_000)
    night()
    close(fay, MARCH)
    Deal.objects.filter(pk=deal.pk).update(stage=stages["Engaging"], status="open")
    night()
    assert (pay_of(rita, MARCH), pay_of(rita, APRIL)) == (50, -50)


def test_when_all_months_are_closed_an_adjustment_opens_the_next(rita, fay, won, paid, night, close, pay_of):
    paid(rita, 10_000)
    won(rita, 1_000)
    night(date(2026, 5, 2))
    for month in (MARCH, APRIL, MAY):
        close(fay, month)
    won(rita, 500)
    night(date(2026, 5, 31))
    assert pay_of(rita, date(2026, 6, 1)) == 25


def test_a_person_whose_plan_has_ended_is_still_corrected(gone, fay, won, paid, night, close, pay_of):
    paid(gone, 10_000)
    deal = won(gone, 1_000)
    night()
    close(fay, MARCH)
    gone.plan_assignments.update(during=DateRange(date(2026, 1, 1), APRIL))
    Deal.objects.filter(pk=deal.pk).update(amount=2_000)
    night()
    assert pay_of(gone, APRIL) == 50


def test_months_are_closed_in_order_once_over_and_never_opened_again(rita, fay, won, paid, night, close):
    paid(rita, 10_000)
    won(rita, 1_000)
    won(rita, 1_000, on=date(2026, 4, 3))
    night()
    with pytest.raises(DomainError, match="Close 2026-03 first"):
        close(fay, APRIL)
    close(fay, MARCH)
    with pytest.raises(DomainError, match="closed already"):
        close(fay, MARCH)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Period.objects.filter(start=MARCH).update(closed_at=None)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Statement.objects.filter(period__start=MARCH).update(total=0)


def test_a_month_with_problems_closes_only_when_they_are_accepted(rita, fay, won, night, close):
    won(rita, 1_000)
    night()
    with pytest.raises(DomainError, match="1 open problem"):
        close(fay, MARCH)
    assert Period.objects.get(start=MARCH).is_open
    close(fay, MARCH, accept_problems=True)
    assert not Period.objects.get(start=MARCH).is_open


def test_a_month_that_is_not_over_is_not_closed(rita, fay, won, night, close, organisation):
    today = organisation.today()
    won(rita, 1_000, on=today)
    night(today)
    with pytest.raises(DomainError, match="not over yet"):
        close(fay, today.replace(day=1))


@pytest.mark.parametrize("table", ["event", "credit", "ledgerentry"])
@pytest.mark.parametrize("sql", ["UPDATE commissions_{} SET amount = 1", "DELETE FROM commissions_{}"])
def test_the_database_refuses_to_change_what_was_credited_and_posted(rita, won, paid, night, table, sql):
    paid(rita, 10_000)
    won(rita, 1_000)
    night()
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(table))


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("INSERT INTO commissions_credit (event_id, deal_id, payee_id, role, measure, share, amount, currency, \"on\") "
         "SELECT event_id, deal_id, payee_id + 1, role, measure, share, 7, currency, \"on\" FROM commissions_credit", "add up"),
        ("UPDATE commissions_statement SET total = total + 1", "total is what the ledger posted"),
        ("INSERT INTO commissions_ledgerentry (debit_account, credit_account, amount, currency, payee_id, period_earned_id, "
         "period_posted_id, credit_id, component, key) SELECT debit_account, credit_account, amount, currency, payee_id + 1, "
         "period_earned_id, period_posted_id, credit_id, component, 'x' FROM commissions_ledgerentry", "same person"),
        ("UPDATE pipeline_deal SET amount = 7", "Credits are the won deals"),
    ],
)  # fmt: skip
def test_broken_books_are_loud(rita, won, paid, night, sql, words):
    from commissions.invariants import broken

    paid(rita, 10_000)
    won(rita, 1_000)
    night()
    assert broken() == []
    with connection.cursor() as cursor:
        cursor.execute(sql)
    assert words in " ".join(str(sentence) for sentence, _count, _witness in broken())
