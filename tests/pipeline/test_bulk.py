"""Many deals changed at once: every deal meets its own gates, what is refused is named, and the past is kept for each."""

import re
from datetime import date

import pytest

from pipeline.models import Deal, DealMember, DealVersion, LossReason
from pipeline.services import change_deals
from salesorg.lib.acting import acting

CHANGE = "/deals/change/"


@pytest.fixture
def deals(deal_of, rita):
    return [deal_of(rita, name=name) for name in ("One", "Two", "Three")]


def change(actor, deals, **what):
    with acting(actor, "test"):
        return change_deals(deals=Deal.objects.filter(pk__in=[deal.pk for deal in deals]), actor=actor, **what)


def stages_now():
    return dict(Deal.objects.values_list("name", "stage__name"))


def test_deals_that_lack_a_fact_are_refused_and_named_and_the_others_move(rita, deals, stages):
    Deal.objects.filter(name="Two").update(amount=None, gate_debt=["amount"])
    plan = change(rita, deals, stage=stages["Engaging"])
    assert stages_now() == {"One": "Engaging", "Two": "Prospecting", "Three": "Engaging"}
    assert [(deal.name, why) for deal, why in plan.refused] == [("Two", "An open deal needs an amount.")]


def test_every_moved_deal_keeps_its_past_and_gets_what_one_move_gives(rita, deals, stages):
    change(rita, deals, stage=stages["Won"])
    for deal in Deal.objects.all():
        assert (deal.status, deal.forecast_category, deal.close_date) == ("won", "closed", rita.today)
        assert [version.stage.name for version in DealVersion.objects.filter(deal=deal).order_by("pk")] == ["Prospecting", "Won"]


def test_a_deal_is_not_lost_without_a_reason(rita, deals, stages):
    assert len(change(rita, deals, stage=stages["Lost"]).refused) == 3
    reason = LossReason.objects.create(name="Price")
    assert len(change(rita, deals, stage=stages["Lost"], loss_reason=reason).changes) == 3
    assert set(Deal.objects.values_list("status", flat=True)) == {"lost"}


def test_the_shares_follow_the_owner_and_closed_deals_stay(mia, rita, sam, deals, stages, deal_of):
    won = deal_of(rita, stage="Won", name="Won one")
    plan = change(mia, [*deals, won], owner=sam)
    assert [deal.name for deal, _why in plan.refused] == ["Won one"]
    assert set(Deal.objects.exclude(pk=won.pk).values_list("owner__name", flat=True)) == {"Sam"}
    today = DealMember.objects.on(mia.today).filter(deal__in=deals)
    assert set(today.values_list("user__name", "revenue_share")) == {("Sam", DealMember.WHOLE)}


def test_a_rep_passes_on_the_own_deals_only(rita, sam, deals, deal_of):
    of_sam = deal_of(sam, name="Sams")
    plan = change(rita, [*deals, of_sam], owner=sam)
    assert len(plan.changes) == 3
    plan = change(rita, [of_sam], owner=rita)
    assert [deal.name for deal, _why in plan.refused] == ["Sams"]


def test_what_is_so_already_is_counted_and_not_written(rita, deals):
    version = deals[0].version
    plan = change(rita, deals, next_step="Call back")
    assert (plan.same, plan.changes) == (3, [])
    deals[0].refresh_from_db()
    assert deals[0].version == version


def test_the_page_shows_the_effect_does_it_and_takes_it_back(as_user, rita, deals, stages):
    client = as_user(rita)
    query = "&".join(f"row={deal.pk}" for deal in deals)

    def hidden(answer, name):
        return re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())[1]

    typed = {"stage": stages["Engaging"].pk, "close_date": "2027-01-31"}
    first = client.get(f"{CHANGE}?{query}")
    looked = client.post(CHANGE, {"chosen": hidden(first, "chosen"), **typed})
    assert stages_now() == {"One": "Prospecting", "Two": "Prospecting", "Three": "Prospecting"}
    assert "Engaging" in looked.content.decode()
    sent = {"chosen": hidden(looked, "chosen"), "shown": hidden(looked, "shown"), "apply": "1", **typed}
    done = client.post(CHANGE, sent, follow=True)
    assert set(Deal.objects.values_list("stage__name", "close_date")) == {("Engaging", date(2027, 1, 31))}
    client.post(re.search(r"/history/undo/[0-9a-f-]+/", done.content.decode())[0])
    assert set(stages_now().values()) == {"Prospecting"}


def test_the_sum_below_the_list_reads_as_money(as_user, rita, deals):
    page = as_user(rita).get("/deals/").content.decode()
    assert 'title="$3,000.00"' in page.split("<tfoot>")[1]
