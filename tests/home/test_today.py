"""Today shows what is due, how one stands, and nothing of other people; every figure leads to exactly its rows."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, Activity
from commissions.models import Period, Statement
from pipeline.models import Deal
from salesorg.people.roles import Role
from territories.models import Force, Plan


def plan(user, account, days, **fields):
    return Activity.objects.create(account=account, user=user, kind="visit", due_on=user.today + timedelta(days=days), **fields)


def test_what_is_overdue_or_due_is_listed_and_what_comes_later_is_not(as_user, rita, account_of):
    late, now, later = (account_of(rita, f"{name} Works") for name in ("Late", "Now", "Later"))
    for account, days in ((late, -3), (now, 0), (later, 1)):
        plan(rita, account, days)
    page = as_user(rita).get("/").content.decode()
    assert "Late Works" in page
    assert "Now Works" in page
    assert "Later Works" not in page


def test_what_is_done_or_a_colleagues_is_not_due_for_me(as_user, rita, sam, account_of):
    account = account_of(rita, "Shared Works")
    plan(sam, account, 0)
    plan(rita, account, 0, done_at=timezone.now())
    visits = as_user(rita).get("/").context["visits"]
    assert (visits.rows, [each.account for each in visits.done]) == ([], [account])


def test_a_due_next_step_of_my_open_deal_is_listed(as_user, rita, sam, deal_of, acting_as):
    with acting_as(rita):
        deal_of(rita, name="Due deal", next_step_on=rita.today)
        deal_of(rita, name="Tomorrow's deal", next_step_on=rita.today + timedelta(days=1))
    deal_of(sam, name="Sam's deal", next_step_on=rita.today)
    page = as_user(rita).get("/").content.decode()
    assert "Due deal" in page
    assert "Tomorrow" not in page
    assert "Sam&#x27;s deal" not in page


def test_a_colleagues_change_of_my_deal_is_told_and_my_own_is_not(as_user, rita, mia, deal_of, acting_as):
    with acting_as(rita):
        theirs, mine = deal_of(rita, name="Changed by Mia"), deal_of(rita, name="Changed by me")
        Deal.objects.filter(pk__in=[theirs.pk, mine.pk]).update(amount=1)
    with acting_as(mia):
        Deal.objects.filter(pk=theirs.pk).update(amount=2)
    page = as_user(rita).get("/").content.decode()
    assert "Changed by Mia" in page
    assert "Changed by me" not in page


@pytest.mark.parametrize("who", ["rita", "mia"])
def test_each_figure_leads_to_exactly_its_rows(as_user, cast, deal_of, who):
    rita, tom, day = cast["rita"], cast["tom"], cast["rita"].today
    deal_of(rita, amount=100)
    deal_of(rita, amount=30, close_date=day - timedelta(days=1))
    deal_of(rita, amount=7, stage="Won", close_date=day)
    deal_of(rita, amount=9, stage="Won", close_date=day - timedelta(days=40))
    deal_of(rita, amount=5, currency="EUR")
    deal_of(tom, amount=1000)
    browser = as_user(cast[who])
    links = [
        link.replace("&amp;", "&")
        for link in re.findall(r'class="figure-number" href="([^"]+)"', browser.get("/").content.decode())
    ]
    in_dollars = [browser.get(link) for link in links if "currency=USD" in link]
    amounts = [sorted(int(deal.amount) for deal in page.context["page"].rows) for page in in_dollars]
    assert amounts == [[30, 100], [30], [7]]


def test_what_this_month_has_earned_is_told_with_the_part_of_the_quota(as_user, rita, deal_of):
    deal_of(rita)
    month = Period.objects.create(start=rita.today.replace(day=1))
    figures = {"total": 18_500, "credited": 370_000, "quota": 1_400_000, "snapshot": {}}
    Statement.objects.create(user=rita, period=month, currency="USD", **figures)
    page = as_user(rita).get("/").content.decode()
    assert ">$185.00<" in page
    assert "26.4% of quota" in page


def test_finance_is_told_which_months_wait_to_be_closed(as_user, fay, rita):
    this_month = fay.today.replace(day=1)
    over = Period.objects.create(start=(this_month - timedelta(days=1)).replace(day=1))
    running = Period.objects.create(start=this_month)
    page = as_user(fay).get("/").content.decode()
    assert f"/pay/months/{over.pk}/close/" in page
    assert f"/pay/months/{running.pk}/close/" not in page
    assert "/close/" not in as_user(rita).get("/").content.decode()


def test_operations_sees_how_many_accounts_nobody_covers_and_which(as_user, otto, rita, account_of, line):
    plan = Plan.objects.create(name="This year", status=Plan.Status.ACTIVE, active_from=otto.today)
    force = Force.objects.create(plan=plan, name="Field", division="geographic", line=line, roles=[Role.AE])
    account_of(rita)
    nobodys = Account.objects.create(name="Nobody's customer")
    browser = as_user(otto)
    assert browser.get("/").context["forces"] == [(force, 1)]
    assert [account for account, _where in browser.get(f"/territories/gaps/{force.pk}/").context["rows"]] == [nobodys]


def test_an_administrator_without_records_sees_the_state_of_the_system(as_user, ada):
    assert as_user(ada).get("/").status_code == 200


def test_health_says_what_is_wrong_and_what_to_do(as_user, ada):
    page = as_user(ada).get("/health/").content.decode()
    assert "It has not run yet" in page
    assert "PostgreSQL" in page
