"""Accounts, territories and seats change hands from a date; coverage follows and the past stays."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from accounts.models import Account, Coverage
from accounts.services import end_coverage, set_coverage
from salesorg.lib.errors import DomainError
from salesorg.people.roles import Role
from territories.models import Pin, Placement, Seat, Territory
from territories.placement import check_coverage_agrees, gaps, write_coverage
from territories.services import (
    apply_moves_due,
    create_territory,
    give_seat,
    move_accounts,
    move_territory,
    open_seat,
    place,
    preview,
)

START = date(2024, 1, 1)
TODAY = date.today()
LAST_MONTH, NEXT_MONTH = TODAY - timedelta(days=30), TODAY + timedelta(days=30)


def who_covers(account):
    """(name, first day, day after the last) of everybody who ever covers it, in order."""
    rows = Coverage.objects.filter(account=account).select_related("user").order_by("during")
    return [(row.user.name, row.during.lower, row.during.upper) for row in rows]


def lead_of(territory):
    return Seat.objects.get(territory=territory, is_lead=True)


@pytest.fixture(autouse=True)
def _agrees(db):
    """Whatever a test did, coverage must agree with placements and seats in the end."""
    yield
    assert check_coverage_agrees(day=TODAY) == []


def test_whoever_leads_a_territory_covers_its_accounts(placed):
    (account,) = placed("North")
    assert who_covers(account) == [("Rita", START, None)]
    assert account.coverage.get().reason == "leads territory North"


def test_without_a_lead_the_nearest_lead_above_covers(placed, territories, mia, otto):
    open_seat(territory=territories["East"], role=Role.AE, user=mia, from_day=START, actor=otto)
    patch = create_territory(force=territories["East"].force, name="Patch", parent=territories["East"], actor=otto)
    (account,) = placed("Patch")
    assert who_covers(account) == [("Mia", START, None)]
    assert account.coverage.get().reason == "leads East, above territory Patch, which has no lead of its own"
    open_seat(territory=patch, role=Role.AE, user=mia, from_day=TODAY, actor=otto)
    assert [row.reason for row in account.coverage.order_by("during")][-1] == "leads territory Patch"


def test_a_territory_without_any_lead_is_a_gap(placed, territories, force):
    (account,) = placed("West")
    assert who_covers(account) == []
    assert set(gaps(force=force, day=TODAY)) == {(territories["East"].pk, Role.AE), (territories["West"].pk, Role.AE)}


@pytest.mark.parametrize("day", [LAST_MONTH, TODAY, NEXT_MONTH], ids=["past", "today", "future"])
def test_a_seat_changes_hands_from_a_date_and_the_past_stays(placed, territories, sam, mia, day):
    (account,) = placed("North")
    give_seat(seat=lead_of(territories["North"]), user=sam, day=day, actor=mia)
    assert who_covers(account) == [("Rita", START, day), ("Sam", day, None)]


def test_a_vacant_seat_falls_to_the_lead_above(placed, territories, mia, otto):
    open_seat(territory=territories["East"], role=Role.AE, user=mia, from_day=START, actor=otto)
    (account,) = placed("North")
    give_seat(seat=lead_of(territories["North"]), user=None, day=TODAY, actor=otto)
    assert who_covers(account) == [("Rita", START, TODAY), ("Mia", TODAY, None)]


@pytest.mark.parametrize("day", [LAST_MONTH, TODAY, NEXT_MONTH], ids=["past", "today", "future"])
def test_chosen_accounts_move_to_another_territory_from_a_date(placed, territories, otto, day):
    moved, stays = placed("North", 2)
    result = move_accounts(
        source=territories["North"],
        target=territories["South"],
        account_ids=[moved.pk],
        day=day,
        reason="nearer to Tom",
        actor=otto,
    )
    assert (result.accounts, result.moved) == (1, 1)
    assert who_covers(moved) == [("Rita", START, day), ("Tom", day, None)]
    assert who_covers(stays) == [("Rita", START, None)]
    placement = Placement.objects.get(account=moved, during__startswith=day)
    assert (placement.territory, placement.decided_by, placement.reason) == (territories["South"], "pin", "nearer to Tom")
    assert Pin.objects.get(account=moved).territory == territories["South"]


def test_moving_again_drops_what_was_planned_for_later(placed, territories, otto):
    (account,) = placed("North")
    to_south = {"source": territories["North"], "account_ids": [account.pk], "reason": "x", "actor": otto}
    move_accounts(target=territories["South"], day=NEXT_MONTH, **to_south)
    move_accounts(target=territories["West"], day=TODAY, **to_south)
    assert who_covers(account) == [("Rita", START, TODAY)]
    assert Placement.objects.get(account=account, during__contains=NEXT_MONTH).territory == territories["West"]


def test_an_account_somebody_covers_by_hand_goes_along_when_it_is_chosen(placed, territories, line, sam, otto):
    (account,) = placed("North")
    set_coverage(account=account, line=line, role=Role.AE, user=sam, reason="knows them", actor=otto, from_day=LAST_MONTH)
    move_accounts(
        source=territories["North"], target=territories["South"], account_ids=[account.pk], day=TODAY, reason="x", actor=otto
    )
    assert who_covers(account) == [("Rita", START, LAST_MONTH), ("Sam", LAST_MONTH, TODAY), ("Tom", TODAY, None)]


def test_an_account_somebody_covers_by_hand_stays_when_only_the_seat_changes(placed, territories, line, sam, cora, otto):
    (account,) = placed("North")
    set_coverage(account=account, line=line, role=Role.AE, user=cora, reason="knows them", actor=otto, from_day=LAST_MONTH)
    give_seat(seat=lead_of(territories["North"]), user=sam, day=TODAY, actor=otto)
    assert who_covers(account) == [("Rita", START, LAST_MONTH), ("Cora", LAST_MONTH, None)]


def test_when_coverage_by_hand_ends_the_territory_covers_again(placed, territories, line, sam, otto):
    (account,) = placed("North")
    by_hand = set_coverage(account=account, line=line, role=Role.AE, user=sam, reason="leave", actor=otto, from_day=LAST_MONTH)
    end_coverage(coverage=by_hand, reason="Rita is back", actor=otto)
    assert who_covers(account) == [("Rita", START, LAST_MONTH), ("Sam", LAST_MONTH, TODAY), ("Rita", TODAY, None)]


def test_coverage_by_hand_for_a_time_hands_back_by_itself(placed, line, sam, otto):
    (account,) = placed("North")
    set_coverage(account=account, line=line, role=Role.AE, user=sam, reason="leave", actor=otto, until=NEXT_MONTH)
    assert who_covers(account) == [("Rita", START, TODAY), ("Sam", TODAY, NEXT_MONTH), ("Rita", NEXT_MONTH, None)]


@pytest.mark.parametrize("day", [LAST_MONTH, TODAY, NEXT_MONTH], ids=["past", "today", "future"])
def test_a_patch_moves_to_another_regional_office_from_a_date(placed, territories, mia, tom, otto, day):
    open_seat(territory=territories["East"], role=Role.AE, user=mia, from_day=START, actor=otto)
    patch = create_territory(force=territories["East"].force, name="Patch", parent=territories["East"], actor=otto)
    (account,) = placed("Patch")
    move_territory(territory=patch, parent=territories["South"], day=day, actor=otto)
    assert who_covers(account) == [("Mia", START, day), ("Tom", day, None)]
    patch.refresh_from_db()
    assert patch.parent == (territories["East"] if day > TODAY else territories["South"])
    assert apply_moves_due(day=NEXT_MONTH) == (1 if day > TODAY else 0)
    assert Territory.objects.get(pk=patch.pk).parent == territories["South"]


def test_a_territory_cannot_become_part_of_itself(territories, otto):
    with pytest.raises(DomainError, match="North is part of East itself"):
        move_territory(territory=territories["East"], parent=territories["North"], day=TODAY, actor=otto)


def test_a_preview_tells_exactly_what_will_happen_and_changes_nothing(placed, territories, otto, rita, tom):
    accounts = placed("North", 3)
    what = {
        "source": territories["North"],
        "target": territories["South"],
        "account_ids": [account.pk for account in accounts],
        "day": TODAY,
        "reason": "x",
        "actor": otto,
    }
    seen = preview(move_accounts, **what)
    assert who_covers(accounts[0]) == [("Rita", START, None)]
    done = move_accounts(**what)
    assert seen == done
    assert done.pairs == [((rita.pk, tom.pk), 3)]


def test_writing_coverage_again_changes_nothing(placed, force):
    placed("North", 3)
    assert write_coverage(force=force, day=START) == {"began": 0, "ended": 0, "moved": 0}


def test_placing_again_in_the_same_territory_changes_nothing(placed, force, territories, otto):
    (account,) = placed("North")
    assert place(force=force, territories={account.pk: territories["North"].pk}, day=TODAY, reason="again", actor=otto) == 0
    assert who_covers(account) == [("Rita", START, None)]


def test_two_forces_may_not_fill_the_same_slot(placed, force, line, otto):
    from territories.services import create_force

    create_force(plan=force.plan, name="Key accounts", division="key_account", line=line, roles=[Role.AE], actor=otto)
    with pytest.raises(DomainError, match="both fill New business in the same role"):
        write_coverage(force=force, day=START)
    from territories.models import Force

    Force.objects.filter(name="Key accounts").delete()


def test_open_deals_cannot_be_promised_for_a_later_day(placed, territories, sam, otto):
    placed("North")
    with pytest.raises(DomainError, match="leave them with their owner"):
        give_seat(seat=lead_of(territories["North"]), user=sam, day=NEXT_MONTH, actor=otto, move_following=True)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_the_same_account_at_once_one_wins_and_the_other_is_told(placed, territories, otto):
    (account,) = placed("North")
    answers, start = [], threading.Barrier(2)

    def move(target):
        start.wait()
        try:
            move_accounts(
                source=territories["North"],
                target=territories[target],
                account_ids=[account.pk],
                day=TODAY,
                reason="x",
                actor=otto,
            )
            answers.append("moved")
        except DomainError as refused:
            answers.append(str(refused))
        connection.close()

    movers = [threading.Thread(target=move, args=[name]) for name in ("South", "West")]
    for each in movers:
        each.start()
    for each in movers:
        each.join()
    assert sorted(answers) == ["Somebody has moved 1 of these accounts out of North meanwhile. Look again.", "moved"]
    assert Account.objects.count() == 1


def test_the_check_names_an_account_whose_coverage_was_tampered_with(placed, rita, sam):
    (account,) = placed("North")
    Coverage.objects.filter(account=account).update(user=sam)
    found = check_coverage_agrees(day=TODAY)
    assert {(each.account_id, each.user_id, each.says) for each in found} == {
        (account.pk, rita.pk, "missing"),
        (account.pk, sam.pk, "too much"),
    }
    Coverage.objects.filter(account=account).update(user=rita)
