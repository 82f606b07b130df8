"""Spend tiers from the deals to the pages: exact spend, effect once a quarter, key accounts, and any past day asked again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from accounts.models import Account, AccountFacts, KeyAccountMark, TierPeriod, tier_policy
from accounts.services import change_tier_policy, end_key_account, mark_key_account, tier_on
from accounts.services.facts import gather_facts, orders_without_rate
from accounts.services.tiers import apply_tiers, compute_tiers
from pipeline.models import Deal
from salesorg.jobs.runs import run_here, start_run
from salesorg.lib.errors import DomainError

JULY, OCTOBER = date(2026, 7, 1), date(2026, 10, 1)
LONG_AGO = date(2020, 1, 1)


def night(day, currency="USD"):
    gather_facts(day=day, currency=currency)
    compute_tiers(day=day)
    return apply_tiers(day=day)


@pytest.fixture
def buys(deal_of, stages, rita):
    """This account bought something: buys(account, 500, date(2026, 3, 1))."""

    def buy(account, amount, on, **more):
        return deal_of(rita, account, stage="Won", amount=amount, close_date=on, **more)

    return buy


@pytest.fixture
def acme(rita, account_of, buys):
    """A customer of long ago without spend of late."""
    account = account_of(rita, "Acme")
    buys(account, 1, LONG_AGO)
    return account


def facts_of(account):
    return AccountFacts.objects.get(account=account)


def tier_now(account):
    account.refresh_from_db()
    return account.tier


# ── facts ──


def test_spend_is_the_twelve_complete_months_to_the_day(acme, buys):
    for amount, on in ((1, "2025-07-31"), (10, "2025-08-01"), (100, "2026-07-31"), (1000, "2026-08-01"), (10_000, "2026-08-20")):
        buys(acme, amount, date.fromisoformat(on))
    gather_facts(day=date(2026, 8, 15), currency="USD")
    facts = facts_of(acme)
    assert (facts.spend, facts.orders) == (Decimal(110), 2)
    assert (facts.spend_since, facts.spend_until) == (date(2025, 8, 1), date(2026, 8, 1))
    assert (facts.first_order_on, facts.last_order_on) == (LONG_AGO, date(2026, 8, 1))  # the 20th has not come


def test_open_and_lost_deals_and_those_without_an_amount_are_no_spend(acme, rita, deal_of):
    deal_of(rita, acme, stage="Lost", amount=500, close_date=date(2026, 3, 1), gate_debt=["loss_reason"])
    deal_of(rita, acme, stage="Won", amount=None, close_date=date(2026, 3, 1), gate_debt=["amount"])
    deal_of(rita, acme, amount=70)
    deal_of(rita, acme, amount=None, gate_debt=["amount"])
    gather_facts(day=JULY, currency="USD")
    facts = facts_of(acme)
    assert (facts.spend, facts.open_amount, facts.open_count, facts.open_unconverted) == (0, 70, 2, 0)


def test_an_order_without_a_rate_is_named_and_never_a_silent_nothing(acme, buys):
    buys(acme, 500, date(2026, 3, 1))
    buys(acme, 900, date(2026, 3, 2), currency="EUR")
    gather_facts(day=JULY, currency="USD")
    assert (facts_of(acme).spend, facts_of(acme).unconverted) == (500, 1)
    assert orders_without_rate(day=JULY, currency="USD") == [("EUR", 1, 1, "Acme")]


def test_the_second_night_writes_nothing(acme, buys, rita, account_of):
    buys(acme, 500, date(2026, 3, 1))
    account_of(rita, "Silent")
    assert gather_facts(day=JULY, currency="USD") == 2 and compute_tiers(day=JULY) == 2
    assert gather_facts(day=JULY, currency="USD") == 0 and compute_tiers(day=JULY) == 0
    buys(acme, 1, date(2026, 3, 1))
    assert gather_facts(day=JULY, currency="USD") == 1


def test_facts_of_an_account_that_is_gone_go_with_the_next_night(rita, account_of):
    account = account_of(rita)
    night(JULY)
    with connection.cursor() as cursor:  # as an undo does it
        cursor.execute("DELETE FROM accounts_coverage WHERE account_id = %s", [account.pk])
        cursor.execute("DELETE FROM accounts_account WHERE id = %s", [account.pk])
    night(JULY)
    assert not AccountFacts.objects.exists() and not TierPeriod.objects.exists()


# ── tiers through the quarters ──


def test_a_tier_comes_into_effect_on_the_quarter_day_and_not_before(acme, buys):
    night(JULY)
    assert tier_now(acme) == "C"
    buys(acme, 500_000, date(2026, 7, 10))
    night(date(2026, 8, 1))
    assert facts_of(acme).computed_tier == "A" and tier_now(acme) == "C"
    night(date(2026, 9, 30))
    assert tier_now(acme) == "C"
    night(OCTOBER)
    assert tier_now(acme) == "A"
    assert [tier_on(acme, day) for day in (date(2026, 6, 30), JULY, date(2026, 9, 30), OCTOBER)] == [None, "C", "C", "A"]


def test_a_missed_quarter_day_is_made_up_for_without_rewriting_the_days_between(acme, buys):
    night(JULY)
    buys(acme, 500_000, date(2026, 7, 10))
    night(date(2026, 10, 4))
    assert [tier_on(acme, day) for day in (date(2026, 10, 3), date(2026, 10, 4))] == ["C", "A"]
    Deal.objects.filter(amount=500_000).update(amount=1)
    night(date(2026, 10, 5))
    assert tier_now(acme) == "A"  # once a quarter


def test_run_again_on_the_quarter_day_the_day_is_mended(acme, buys):
    night(JULY)
    buys(acme, 500_000, date(2026, 7, 10))
    night(OCTOBER)
    Deal.objects.filter(amount=500_000).update(amount=1)
    night(OCTOBER)
    assert tier_now(acme) == "C" and tier_on(acme, date(2026, 9, 30)) == "C"


def test_an_account_of_this_quarter_has_a_tier_at_once(acme, rita, account_of, buys):
    night(JULY)
    late = account_of(rita, "Imported with its history")
    buys(late, 50_000, date(2025, 10, 1))
    night(date(2026, 8, 5))
    assert tier_now(late) == "B"


def test_the_database_refuses_two_tiers_on_one_day(acme):
    TierPeriod.objects.create(account=acme, tier="A", during=DateRange(JULY, None))
    with pytest.raises(Exception, match="one_tier_per_day"):
        TierPeriod.objects.create(account=acme, tier="B", during=DateRange(OCTOBER, None))


# ── key accounts ──


def test_a_key_account_is_served_as_a_from_today_until_somebody_ends_it(acme, mia, rita):
    today = mia.today
    night(today)
    mark_key_account(account=acme, reason="three new plants", actor=mia)
    assert (tier_now(acme), acme.is_key_account, tier_on(acme, today)) == ("A", True, "A")
    night(today)
    assert tier_now(acme) == "A"
    with pytest.raises(DomainError, match="key account already"):
        mark_key_account(account=acme, reason="again", actor=mia)
    end_key_account(account=acme, actor=mia)
    assert (tier_now(acme), acme.is_key_account) == ("C", False)


def test_a_mark_with_a_last_day_ends_by_itself_and_its_days_can_be_asked(acme, mia):
    today, later = mia.today, mia.today + timedelta(days=30)
    night(today)
    mark_key_account(account=acme, reason="tender", until=later, actor=mia)
    night(later - timedelta(days=1))
    assert tier_now(acme) == "A"
    night(later)
    assert (tier_now(acme), acme.is_key_account) == ("C", False)
    assert [tier_on(acme, day) for day in (later - timedelta(days=1), later)] == ["A", "C"]


def test_a_flag_from_an_import_counts_as_a_mark_from_the_next_night(acme):
    Account.objects.filter(pk=acme.pk).update(is_key_account=True)
    night(JULY)
    assert (tier_now(acme), KeyAccountMark.objects.get().reason) == ("A", "marked when the account was entered")


# ── policy and pages ──


@pytest.mark.parametrize(("a", "b", "field"), [(100, 100, "a_from"), (50, 100, "a_from"), (100, 0, "b_from")])
def test_thresholds_that_do_not_descend_are_refused_at_their_field(otto, as_user, a, b, field):
    with pytest.raises(DomainError):
        change_tier_policy(actor=otto, a_from=Decimal(a), b_from=Decimal(b))
    answer = as_user(otto).post(reverse("accounts:tier_policy_edit"), {"a_from": a, "b_from": b, "band": 10, "new_months": 6})
    assert answer.status_code == 422 and field in answer.context["form"].errors


def test_operations_sets_thresholds_and_reads_them_back(otto, as_user):
    typed = {"a_from": "5000", "b_from": "1000", "band": 5, "new_months": 3, "service_a": "visit every month"}
    assert as_user(otto).post(reverse("accounts:tier_policy_edit"), typed).status_code == 302
    policy = tier_policy()
    assert (policy.a_from, policy.b_from, policy.band, policy.services["A"]) == (5000, 1000, 5, "visit every month")


def test_the_night_runs_it_and_reports_what_has_no_rate(acme, buys, rita):
    buys(acme, 500, rita.today - timedelta(days=40), currency="EUR")
    run = run_here(start_run(job="nightly", period=f"{rita.today}"))
    assert run.state == "done", run.problems
    assert run.counts["account facts"] == 1 and run.counts["tiers computed"] == 1
    assert [each["where"] for each in run.problems if "rate" in each["sentence"]] == ["Spend in EUR"]


def test_an_account_says_why_it_has_its_tier_and_shows_the_rows(acme, buys, rita, as_user):
    day = rita.today
    buys(acme, 42_000, (day.replace(day=1) - timedelta(days=3)))
    night(day)
    page = as_user(rita).get(reverse("accounts:account_tier", args=[acme.pk])).text
    assert "$42,000.00 in twelve months." in page and "rises to A at" in page and "falls below" in page
    assert f"/deals/?account={acme.pk}&amp;status=won" in page


def test_the_page_of_tiers_counts_what_one_sees_and_names_who_will_change(acme, buys, rita, tom, otto, account_of, as_user):
    night(rita.today)
    hidden = account_of(tom, "Secret")
    buys(hidden, 1, LONG_AGO)
    for account in (acme, hidden):
        buys(account, 900_000, rita.today.replace(day=1) - timedelta(days=3))
    AccountFacts.objects.filter(account=hidden).delete()
    gather_facts(day=rita.today, currency="USD")
    compute_tiers(day=rita.today)
    page = as_user(rita).get(reverse("accounts:tier_list") + "?tier=C&next=A&changing=1")
    assert [(move["tier"], move["next"], move["accounts"]) for move in page.context["moves"]] == [("C", "A", 1)]
    assert [row.account for row in page.context["page"].rows] == [acme] and "Secret" not in page.text
    whole = as_user(otto).get(reverse("accounts:tier_list"))
    assert sum(row["accounts"] for row in whole.context["tiers"]) == 2


def test_marking_a_key_account_is_for_leaders(acme, rita, mia, as_user):
    mark = reverse("accounts:key_account_mark", args=[acme.pk])
    assert as_user(rita).post(mark, {"reason": "mine"}).status_code == 403
    assert as_user(mia).post(mark, {"reason": "three new plants"}).url == acme.get_absolute_url()
    assert tier_now(acme) == "A"
    as_user(mia).post(reverse("accounts:key_account_end", args=[acme.pk]))
    assert not KeyAccountMark.objects.on(mia.today).exists()
