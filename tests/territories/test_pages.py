"""The territory pages: the tree, one territory, and reassigning with a look before it is saved and a way back after."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Coverage
from pipeline.models import DealActivity
from salesorg.audit.models import Change
from salesorg.jobs.runs import run_here, start_run
from territories.models import Pin, Placement, Seat
from territories.placement import check_coverage_agrees
from territories.services import create_territory, move_territory

TODAY = date.today()
TOMORROW = TODAY + timedelta(days=1)


def covering(account):
    row = Coverage.objects.filter(account=account, during__contains=TODAY).select_related("user").first()
    return row and row.user.name


def reassign(territory):
    return reverse("territories:territory_reassign", args=[territory.pk])


def test_the_tree_shows_who_holds_what_and_what_nobody_holds(placed, territories, otto, as_user):
    placed("North", 3)
    (lost,) = placed("West")
    page = as_user(otto).get("/territories/")
    shown = {node.territory.name: node for node in page.context["nodes"]}
    assert [node.territory.name for node in page.context["nodes"]] == ["East", "North", "South", "West"]
    assert [person.name for _role, person, _lent in shown["North"].holders] == ["Rita"]
    assert (shown["North"].accounts, shown["East"].accounts, shown["East"].total) == (3, 0, 3)
    assert shown["West"].gaps and shown["West"].vacant and not shown["North"].gaps
    assert page.context["uncovered"] == 1
    gaps = as_user(otto).get(reverse("territories:gap_list", args=[territories["West"].force_id]))
    assert gaps.context["rows"] == [(lost, territories["West"])]


def test_the_numbers_of_accounts_are_those_one_sees(placed, territories, rita, as_user):
    placed("North", 2)
    placed("South", 3)
    nodes = {node.territory.name: node for node in as_user(rita).get("/territories/").context["nodes"]}
    assert (nodes["North"].accounts, nodes["South"].accounts) == (2, 0)


def test_an_account_page_says_where_it_lies_since_when_and_why(placed, territories, rita, as_user):
    (account,) = placed("North")
    panel = as_user(rita).get(reverse("territories:account_placement", args=[account.pk])).text
    assert "North" in panel and "imported" in panel and "1 Jan 2024" in panel


def test_nothing_changes_until_what_changes_was_shown_and_saved(placed, territories, otto, as_user):
    chosen, stays = placed("North", 2)
    client = as_user(otto)
    typed = {"account": [chosen.pk], "target": territories["South"].pk, "day": TODAY, "reason": "nearer"}
    shown = client.post(reassign(territories["North"]), typed)
    assert shown.status_code == 200
    assert [(giver.name, taker.name, count) for giver, taker, count in shown.context["preview"]["pairs"]] == [("Rita", "Tom", 1)]
    assert (covering(chosen), Pin.objects.count()) == ("Rita", 0)
    assert client.post(reassign(territories["North"]), typed | {"save": "1"}).status_code == 302
    assert (covering(chosen), covering(stays)) == ("Tom", "Rita")


def test_a_reassignment_is_taken_back_whole_with_one_click(placed, territories, otto, as_user):
    accounts = placed("North", 3)
    before = list(Coverage.objects.order_by("pk").values("account", "user", "during", "reason"))
    client = as_user(otto)
    client.post(
        reassign(territories["North"]),
        {"all": "1", "target": territories["South"].pk, "day": TODAY, "reason": "x", "save": "1"},
    )
    assert covering(accounts[0]) == "Tom"
    context = Change.objects.filter(table="territories_pin").latest("pk").context
    assert client.post(reverse("audit:undo", args=[context])).status_code == 302
    assert list(Coverage.objects.order_by("pk").values("account", "user", "during", "reason")) == before
    assert not Pin.objects.exists() and Placement.objects.count() == 3
    assert check_coverage_agrees(day=TODAY) == []


def test_open_deals_stay_or_move_along(placed, territories, rita, tom, otto, deal_of, as_user):
    stays, moves = placed("North", 2)
    deals = [deal_of(rita, account=account) for account in (stays, moves)]
    closed = deal_of(rita, account=moves, stage="Won")
    client, typed = as_user(otto), {"target": territories["South"].pk, "day": TODAY, "reason": "x"}
    shown = client.post(reassign(territories["North"]), typed | {"account": [moves.pk]})
    assert [(str(label), count) for label, count in shown.context["preview"]["following"]] == [("Open deals", 1)]
    client.post(reassign(territories["North"]), typed | {"account": [stays.pk], "save": "1"})
    client.post(reassign(territories["North"]), typed | {"account": [moves.pk], "open_deals": "move", "save": "1"})
    for deal in (*deals, closed):
        deal.refresh_from_db()
    assert [deal.owner for deal in (*deals, closed)] == [rita, tom, rita]


def test_giving_a_seat_hands_over_its_accounts_on_that_day(placed, territories, mia, sam, as_user):
    (account,) = placed("North")
    seat = Seat.objects.get(territory=territories["North"])
    give = reverse("territories:seat_give", args=[seat.pk])
    assert as_user(mia).post(give, {"user": sam.pk, "day": TODAY, "save": "1"}).status_code == 302
    assert covering(account) == "Sam"
    assert as_user(mia).post(give, {"user": sam.pk, "day": TODAY, "save": "1"}).status_code == 422  # that seat has ended


def test_a_manager_reassigns_within_her_own_team_only(placed, territories, mia, tom, as_user):
    (account,) = placed("North")
    client = as_user(mia)
    assert client.get(reassign(territories["South"])).status_code == 403
    typed = {"account": [account.pk], "target": territories["South"].pk, "day": TODAY, "reason": "x", "save": "1"}
    refused = client.post(reassign(territories["North"]), typed)
    assert refused.status_code == 422 and "only within your own teams" in refused.text
    seat = Seat.objects.get(territory=territories["North"])
    assert client.post(reverse("territories:seat_give", args=[seat.pk]), {"user": tom.pk, "day": TODAY}).status_code == 422
    assert covering(account) == "Rita"


def test_the_search_for_a_target_offers_only_what_one_may_reassign(territories, mia, otto, as_user):
    lookup = reverse("territories:territory_lookup")
    assert "South" not in as_user(mia).get(lookup).text and "North" in as_user(mia).get(lookup).text
    assert "South" in as_user(otto).get(lookup, {"q": "sou"}).text


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"day": "1900-01-01"}, "day", "between 2000 and 2100"),
        ({"day": "9999-12-31"}, "day", "between 2000 and 2100"),
        ({"day": "yesterday"}, "day", "valid date"),
        ({"reason": ""}, "reason", "required"),
        ({"reason": "x" * 300}, "reason", "at most 200"),
        ({"reason": "a\x00b"}, "reason", "Null characters"),
        ({"target": ""}, "target", "required"),
        ({"target": "999999"}, "target", "valid choice"),
        ({"account": []}, None, "Choose at least one account"),
        ({"account": ["9" * 30, "x"]}, None, "Choose at least one account"),
        ({"day": TOMORROW, "open_deals": "move"}, "open_deals", "leave them with their owner"),
    ],
)
def test_what_is_typed_wrongly_is_answered_at_its_field(placed, territories, otto, as_user, typed, field, sentence):
    (account,) = placed("North")
    right = {"account": [account.pk], "target": territories["South"].pk, "day": TODAY, "reason": "x", "save": "1"}
    answer = as_user(otto).post(reassign(territories["North"]), right | typed)
    assert answer.status_code == 422
    errors = answer.context["form"].errors[field] if field else answer.context["form"].non_field_errors()
    assert any(sentence in error for error in errors), answer.context["form"].errors
    assert covering(account) == "Rita"


@pytest.mark.parametrize("which", ["tree", "one"])
def test_no_page_asks_more_than_fifteen_questions(placed, territories, mia, otto, as_user, which):
    placed("North", 60)
    path = "/territories/" if which == "tree" else territories["North"].get_absolute_url()
    for person in (mia, otto):
        client = as_user(person)
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        assert len(asked) <= 15, [query["sql"][:120] for query in asked]


def test_the_night_moves_what_was_planned_and_names_what_does_not_agree(placed, territories, rita, sam, otto, time_machine):
    (account,) = placed("North")
    patch = create_territory(force=territories["East"].force, name="Patch", parent=territories["North"], actor=otto)
    move_territory(territory=patch, parent=territories["South"], day=TOMORROW, actor=otto)
    Coverage.objects.filter(account=account).update(user=sam)
    time_machine.move_to(TOMORROW, tick=False)
    run = run_here(start_run(job="nightly", period=TOMORROW.isoformat()))
    patch.refresh_from_db()
    assert patch.parent == territories["South"]
    assert run.counts["territories moved"] == 1
    ours = [problem["sentence"] for problem in run.problems if problem["where"] == account.name]
    assert len(ours) == 2 and any(sentence.startswith("Rita should cover") for sentence in ours)


def test_a_visit_logged_from_a_deal_is_about_that_deal(rita, deal_of, as_user):
    deal = deal_of(rita)
    as_user(rita).post(
        f"/accounts/log/?account={deal.account_id}&deal={deal.pk}", {"kind": "call", "account": deal.account_id, "deal": deal.pk}
    )
    assert DealActivity.objects.get().deal == deal
