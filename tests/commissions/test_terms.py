"""Quotas and plans: set from a month on, never two at once, and a signed plan never changes."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from commissions.models import PlanAssignment, PlanVersion, Quota
from commissions.services import (
    STANDARD_COMPONENTS,
    assign_plan,
    new_plan_version,
    propose_quotas,
    set_quota,
    sign_plan_version,
    standard_plan,
)
from salesorg.audit.models import Change
from salesorg.lib.errors import DomainError

JANUARY, MARCH, MAY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1)


def quota(user, amount, start, until=None, **more):
    return set_quota(user=user, amount=Decimal(amount), currency="USD", start=start, until=until, actor=None, **more)


def terms(user):
    return [(each.during.lower, each.during.upper, each.amount) for each in Quota.objects.filter(user=user).order_by("during")]


def test_a_new_quota_ends_the_old_one_at_the_turn_of_the_month(rita):
    quota(rita, 10_000, JANUARY)
    quota(rita, 12_000, MARCH)
    assert terms(rita) == [(JANUARY, MARCH, 10_000), (MARCH, None, 12_000)]


def test_a_quota_for_two_months_leaves_what_lies_around_it(rita):
    quota(rita, 10_000, JANUARY)
    quota(rita, 5_000, MARCH, MAY)
    assert terms(rita) == [(JANUARY, MARCH, 10_000), (MARCH, MAY, 5_000), (MAY, None, 10_000)]


def test_a_ramped_quota_is_a_quota_for_each_month(rita):
    for month, amount in enumerate((10_000, 20_000, 30_000, 45_000), 1):
        quota(rita, amount, date(2026, month, 1))
    assert [amount for _from, _until, amount in terms(rita)] == [10_000, 20_000, 30_000, 45_000]


def test_setting_the_same_quota_again_leaves_no_trace(rita):
    quota(rita, 10_000, JANUARY)
    before = Change.objects.count()
    quota(rita, 10_000, JANUARY)
    assert Change.objects.count() == before


@pytest.mark.parametrize("amount", ["0", "-1", "10000000000000000"])
def test_a_quota_is_above_zero_and_believable(rita, amount):
    with pytest.raises(DomainError, match="A quota is an amount above zero"):
        quota(rita, amount, JANUARY)


def test_pay_terms_change_at_the_turn_of_a_month(rita):
    with pytest.raises(DomainError, match="the first day of a month"):
        quota(rita, 1_000, date(2026, 1, 15))
    with pytest.raises(DomainError, match="ends before it begins"):
        quota(rita, 1_000, MARCH, JANUARY)


def test_the_database_refuses_two_quotas_at_once_and_half_months(rita):
    quota(rita, 10_000, JANUARY)
    with pytest.raises(IntegrityError, match="quota_no_overlap"), transaction.atomic():
        Quota.objects.create(user=rita, amount=1, currency="USD", during=DateRange(MARCH, MAY))
    with pytest.raises(IntegrityError, match="quota_in_whole_months"), transaction.atomic():
        Quota.objects.create(user=rita, amount=1, currency="USD", during=DateRange(date(2025, 3, 2), MARCH))


def test_the_database_refuses_two_plans_at_once(rita):
    version = standard_plan(currency="USD", actor=None)
    assign_plan(user=rita, version=version, start=JANUARY, actor=None)
    with pytest.raises(IntegrityError, match="one_plan_at_a_time"), transaction.atomic():
        PlanAssignment.objects.create(user=rita, plan_version=version, during=DateRange(MARCH, None))


def test_a_signed_plan_never_changes(fay):
    version = standard_plan(currency="USD", actor=fay)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        PlanVersion.objects.filter(pk=version.pk).update(components=[])
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        version.delete()


def test_an_unsigned_plan_pays_nobody(rita, fay):
    draft = new_plan_version(name="Draft", components=STANDARD_COMPONENTS, currency="USD", actor=fay)
    with pytest.raises(DomainError, match="Sign Draft, version 1 first"):
        assign_plan(user=rita, version=draft, start=JANUARY, actor=fay)
    assign_plan(user=rita, version=sign_plan_version(version=draft, actor=fay), start=JANUARY, actor=fay)


def test_versions_of_a_plan_are_counted(fay):
    numbers = [
        new_plan_version(name="Hunters", components=STANDARD_COMPONENTS, currency="USD", actor=fay).number for _ in range(3)
    ]
    assert numbers == [1, 2, 3]


def test_a_plan_with_an_open_question_is_refused_with_the_question(fay):
    incomplete = [{key: value for key, value in STANDARD_COMPONENTS[0].items() if key != "boundary"}]
    with pytest.raises(DomainError, match="does not say its boundary"):
        new_plan_version(name="Hunters", components=incomplete, currency="USD", actor=fay)


def test_history_proposes_the_mean_of_all_months_rounded_up_to_a_thousand(rita, sam, tom, won):
    won(rita, 10_000, on=date(2026, 1, 31))
    won(rita, "2000.01", on=date(2026, 4, 1))
    won(sam, 4_000, on=date(2026, 2, 10), shares={sam: 50, rita: 50})
    won(tom, 99_000, on=date(2026, 2, 10), currency="EUR")  # other currencies have a history of their own
    proposed, holds, counted = propose_quotas(currency="USD")
    # rita: 14,000.01 over the four months from January to April; sam: 2,000 over the same four.
    assert (dict(proposed), counted) == ({rita.pk: 4_000, sam.pk: 1_000}, 4)
    assert (holds.start, holds.last_day) == (JANUARY, date(2026, 12, 31))


def test_nobody_without_wins_is_proposed_a_quota(rita, deal_of):
    deal_of(rita)
    assert propose_quotas(currency="USD") == ([], None, 0)
    call_command("set_quotas_from_history", plan=True)
    assert not Quota.objects.exists()
    assert not PlanVersion.objects.exists()


def test_the_command_sets_all_quotas_and_plans_and_a_second_run_changes_nothing(rita, sam, won, capsys):
    won(rita, 10_000)
    won(sam, 4_000)
    call_command("set_quotas_from_history", plan=True)
    before = Change.objects.count()
    call_command("set_quotas_from_history", plan=True)
    assert Change.objects.count() == before
    assert "2 quotas from 2026-03 to 2026-12" in capsys.readouterr().out
    assert PlanAssignment.objects.filter(plan_version__signed_at__isnull=False).count() == 2
