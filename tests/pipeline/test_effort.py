"""Visits, calls, meetings and demos beside wins, win rate and new pipeline."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Activity
from pipeline.models import LossReason

PAGE = "pipeline:effort"


@pytest.fixture
def weeks(rita, sam, tom, account_of, deal_of):
    """Rita: two visits and a demo now, a call long ago; won 500, lost one, opened both today. Sam: a call. Tom: a visit."""
    account, now = account_of(rita), timezone.now()
    for user, kind, at in (
        (rita, "visit", now), (rita, "visit", now), (rita, "demo", now), (rita, "email", now),
        (rita, "call", now - timedelta(days=90)), (sam, "call", now), (tom, "visit", now),
    ):  # fmt: skip
        Activity.objects.create(account=account if user != tom else account_of(tom), user=user, kind=kind, done_at=at)
    Activity.objects.create(account=account, user=rita, kind="visit", due_on=rita.today)  # planned: not done
    price = LossReason.objects.create(name="Price")
    deal_of(rita, amount=500, stage="Won", close_date=rita.today, opened_on=rita.today)
    deal_of(rita, amount=90, stage="Lost", close_date=rita.today, loss_reason=price, opened_on=rita.today)
    deal_of(rita, amount=1, opened_on=rita.today - timedelta(days=400))


def test_a_manager_sees_what_each_person_did_beside_what_came_of_it(mia, weeks, as_user):
    client = as_user(mia)
    rows = client.get(reverse(PAGE)).context["rows"]
    shown = {row["name"]: [number for _chart, number, _url in row["charts"]] for row in rows}
    assert shown == {"Rita": [2, 0, 0, 1, 1], "Sam": [0, 1, 0, 0, 0]}  # visits, calls, meetings, demos, won
    rita = rows[0]
    assert (rita["rate"].won, rita["rate"].lost, rita["won_sum"], rita["made"], rita["opened"]) == (1, 1, 500, 590, 2)
    for url, count in ((rita["closed_url"], 2), (rita["made_url"], 2), (rita["charts"][4][2], 1)):
        assert client.get(url).context["totals"].count == count
    visits = client.get(rita["charts"][0][2]).context["page"].rows
    assert [(visit.kind, visit.user_id) for visit in visits] == [("visit", rita["person"])] * 2


def test_by_month_the_call_of_three_months_ago_is_there_too(mia, weeks, as_user):
    rows = as_user(mia).get(reverse(PAGE), {"by": "month"}).context["rows"]
    assert rows[0]["charts"][1][1] == 1 and len(rows[0]["table"]) == 6
