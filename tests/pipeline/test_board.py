"""The board: how old a deal is against its stage, what it asks for, and which deals are shown."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from django.utils import timezone

from accounts.models import CoverageLine
from pipeline.engine.pace import pace
from pipeline.models import Deal, DealVersion, StageStay
from pipeline.services.handoffs import offer_handoff
from pipeline.services.stays import count_stays
from salesorg.people.roles import Role
from territories.models import Force, Placement, Plan, Territory

from .test_handoffs import BANT

pytestmark = pytest.mark.django_db


def board(client, **query):
    return client.get(reverse("pipeline:board"), query)


def first_column(client, **query):
    return board(client, **query).context["columns"][0]


def stays(deal, *stages):
    """Write the past of a deal: (stage, how many days), the last one not over yet."""
    DealVersion.objects.filter(deal=deal).delete()
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with connection.cursor() as cursor:
        for stage, days in stages:
            until = at + timedelta(days=days) if days is not None else None
            cursor.execute(
                "INSERT INTO pipeline_dealversion (deal_id, stage_id, owner_id, forecast_category, during, cause)"
                " VALUES (%s, %s, %s, 'pipeline', tstzrange(%s, %s), '')",
                [deal.pk, stage.pk, deal.owner_id, at, until],
            )
            at = until


# how long is normal


def test_half_and_nine_of_ten_of_the_completed_stays_are_counted_from_every_past_state(rita, deal_of, account_of, stages):
    account, prospecting, engaging = account_of(rita), stages["Prospecting"], stages["Engaging"]
    for days in range(1, 11):
        # An amount that changed half way ends no stay, and a stay that goes on is not counted.
        stays(deal_of(rita, account), (prospecting, days - 0.5), (prospecting, 0.5), (engaging, None))
    assert count_stays() == 1
    counted = StageStay.objects.get()
    assert (counted.stage, counted.stays, counted.half, counted.most) == (prospecting, 10, 5, 9)


def test_who_comes_back_to_a_stage_begins_another_stay(rita, deal_of, stages):
    prospecting, engaging = stages["Prospecting"], stages["Engaging"]
    stays(deal_of(rita), (prospecting, 2), (engaging, 3), (prospecting, 4), (engaging, None))
    count_stays()
    assert dict(StageStay.objects.values_list("stage__name", "stays")) == {"Prospecting": 2, "Engaging": 1}


def test_counting_again_forgets_a_stage_that_nothing_left(rita, deal_of, stages):
    StageStay.objects.create(stage=stages["Engaging"], stays=50, half=1, most=2)
    count_stays()
    assert not StageStay.objects.exists()


@pytest.mark.parametrize(
    ("known", "age", "too_old"),
    [
        (pace(None), 10_000, False),
        (pace(14), 28, False),
        (pace(14), 29, True),
        (pace(14, stays=9, half=1, most=2), 28, False),  # nine stays say nothing yet
        (pace(14, stays=10, half=1, most=2), 2, False),
        (pace(14, stays=10, half=1, most=2), 3, True),
        (pace(None, stays=10, half=0, most=0), 0, False),
    ],
)
def test_a_deal_rots_that_stays_longer_than_nine_of_ten_that_left(known, age, too_old):
    assert known.is_rotting(age) is too_old


def test_a_rotting_deal_says_so_and_its_column_counts_it_with_exactly_these_rows(rita, deal_of, stages, as_user):
    StageStay.objects.create(stage=stages["Prospecting"], stays=100, half=9, most=30)
    old, edge = deal_of(rita), deal_of(rita)
    now = timezone.now()
    Deal.objects.filter(pk=old.pk).update(stage_since=now - timedelta(days=31, minutes=1))
    Deal.objects.filter(pk=edge.pk).update(stage_since=now - timedelta(days=30, hours=23))
    client = as_user(rita)
    page = board(client)
    column = page.context["columns"][0]
    assert {card.pk: card.is_rotting for card in column.cards} == {old.pk: True, edge.pk: False}
    assert "31 days in Prospecting; half leave within 9, nine of ten within 30" in page.content.decode()
    assert "31 d · rotting" in page.content.decode()
    listed = client.get(f"{reverse('pipeline:deal_list')}?{column.rotting_query}").context
    assert column.sums.rotting == listed["totals"].count == 1
    assert [row.pk for row in listed["page"].rows] == [old.pk]
    assert "that are rotting" in listed["selection"].words
    assert first_column(client, age="rotting").cards == [old]


# what a card asks for


@pytest.mark.parametrize(("days", "says"), [(-1, "Overdue"), (0, "For today"), (1, "Planned")])
def test_the_next_step_is_an_icon_with_a_name(rita, deal_of, as_user, days, says):
    deal_of(rita, next_step_on=rita.today + timedelta(days=days))
    assert f'aria-label="{says}"' in board(as_user(rita)).content.decode()


def test_an_offer_is_to_be_answered_by_its_receiver_and_waits_for_everybody_else(rita, sol, sam, deal_of, as_user):
    deal = deal_of(sol)
    handoff = offer_handoff(deal=deal, to=rita, package=BANT, actor=sol)
    link = f'href="{handoff.get_absolute_url()}"'
    assert link in board(as_user(rita), owner="all").content.decode()
    others = board(as_user(sam), owner="all").content.decode()
    assert link not in others
    assert "Handed over, waiting for an answer" in others


def test_the_card_of_a_past_day_says_when_it_was_to_close_and_not_what_is_next_today(rita, deal_of, as_user):
    from .test_versions import at, effective_at

    yesterday = rita.today - timedelta(days=1)
    with transaction.atomic():
        effective_at(at(yesterday))
        deal_of(rita, next_step="Only known today")
        effective_at(None)
    text = board(as_user(rita), as_of=yesterday.isoformat()).content.decode()
    assert "closes" in text
    assert "Only known today" not in text


# which deals


@pytest.fixture
def patches(db):
    """A force with West, and Coast and Hills below it."""
    force = Force.objects.create(
        plan=Plan.objects.create(name="Now", status="active", active_from=date(2020, 1, 1)), name="Field",
        division="geographic", line=CoverageLine.objects.get(code=CoverageLine.NEW_BUSINESS), roles=[int(Role.AE)],
    )  # fmt: skip
    west = Territory.objects.create(force=force, name="West")
    return {"West": west} | {name: Territory.objects.create(force=force, name=name, parent=west) for name in ("Coast", "Hills")}


def test_a_territory_shows_the_deals_of_the_accounts_in_it_and_below_it_on_the_day(rita, deal_of, patches, as_user):
    coast, hills, moved, nowhere = (deal_of(rita) for _each in range(4))
    today = rita.today

    def lies(deal, name, since, until=None):
        Placement.objects.create(
            account=deal.account, force=patches[name].force, territory=patches[name], decided_by="default", reason="test",
            during=DateRange(since, until),
        )  # fmt: skip

    long_ago = today - timedelta(days=400)
    lies(coast, "Coast", long_ago)
    lies(hills, "Hills", long_ago)
    lies(moved, "Coast", long_ago, today)
    lies(moved, "Hills", today)
    client = as_user(rita)

    def shown(name, **query):
        return {card.pk for card in first_column(client, territory=patches[name].pk, **query).cards}

    assert shown("West") == {coast.pk, hills.pk, moved.pk}
    assert shown("Coast") == {coast.pk}
    assert shown("Hills") == {hills.pk, moved.pk}
    assert nowhere.pk not in shown("West")
    page = board(client, territory=patches["Coast"].pk)
    assert "in the territory Coast" in page.content.decode()


def test_the_menus_above_the_board_offer_their_choices_when_they_are_opened(rita, teams, patches, as_user):
    client = as_user(rita)
    opened = client.get(reverse("pipeline:board_choices", args=["territory"]), {"owner": "me", "product": ""}).content.decode()
    assert [name for name in patches if f">{name}<" in opened] == list(patches)
    assert f"territory={patches['Coast'].pk}" in opened and "owner=all" in opened
    page = board(client, team=teams["north"].pk).content.decode()
    assert f'<summary class="chip is-on">{teams["north"].name}' in page
    assert client.get("/board/owner/").status_code == 404


def test_a_territory_never_shows_a_deal_that_is_hidden(rita, tom, deal_of, patches, as_user):
    hidden = deal_of(tom)
    Placement.objects.create(
        account=hidden.account, force=patches["West"].force, territory=patches["West"], decided_by="default", reason="test",
        during=DateRange(date(2020, 1, 1), None),
    )  # fmt: skip
    column = first_column(as_user(rita), owner="all", territory=patches["West"].pk)
    assert (column.cards, column.sums.count) == ([], 0)
