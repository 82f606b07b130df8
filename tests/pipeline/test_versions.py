"""Every state a deal was in is kept, whatever wrote it, and any past day can be opened again."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import DatabaseError, connection, transaction

from pipeline.models import Deal, DealMember, DealVersion, StageEntry
from pipeline.selections.deals import DealSelection
from pipeline.services import assign_deals, move_deal
from salesorg.lib.db import copy_rows
from salesorg.people.models import Organisation


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def effective_at(moment):
    """What an importer of history says: what follows in this transaction took effect then."""
    sql("SELECT set_config('salesorg.effective_at', %s, true)", moment.isoformat() if moment else "")


def at(day, hour=12):
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def states(deal):
    """The amounts the deal had, oldest first, after checking that the periods follow each other without a gap."""
    versions = list(DealVersion.objects.filter(deal_id=deal.pk).order_by("during"))
    for before, after in pairwise(versions):
        assert before.during.upper == after.during.lower
    assert [version.during.upper_inf for version in versions] == [False] * (len(versions) - 1) + [True]
    return [version.amount for version in versions]


@pytest.fixture
def deal(rita, deal_of):
    return deal_of(rita, amount=1)


# whatever writes it


def test_a_new_deal_has_one_version_that_still_runs(deal):
    assert states(deal) == [1]


@pytest.mark.parametrize("way", ["save", "update", "bulk_update", "raw"])
def test_no_way_of_changing_escapes(deal, way):
    deal.amount = 2
    if way == "save":
        deal.save()
    elif way == "update":
        Deal.objects.filter(pk=deal.pk).update(amount=2)
    elif way == "bulk_update":
        Deal.objects.bulk_update([deal], ["amount"])
    else:
        sql("UPDATE pipeline_deal SET amount = 2 WHERE id = %s", deal.pk)
    assert states(deal) == [1, 2]


def test_one_update_of_many_deals_keeps_a_version_for_each(rita, deal_of):
    deals = [deal_of(rita, amount=1) for _each in range(20)]
    Deal.objects.update(amount=2)
    assert [states(deal) for deal in deals] == [[1, 2]] * 20


def test_deals_loaded_by_copy_have_versions_too(deal, acting_as, rita):
    fields = ["name", "account", "owner", "pipeline", "stage", "status", "forecast_category", "type", "amount", "currency"]
    fields += ["close_date", "next_step", "next_step_on", "gate_debt", "stage_since", "created_at", "version"]
    day, now = date(2026, 5, 1), at(date(2026, 3, 1))
    row = ["Copied", deal.account_id, deal.owner_id, deal.pipeline_id, deal.stage_id, "open", "pipeline", "new", 7, "USD"]
    with acting_as(rita, "import"), transaction.atomic():
        copy_rows(Deal, fields, [[*row, day, "Call", day, "{}", now, now, 1]])
    copied = Deal.objects.get(name="Copied")
    assert states(copied) == [7]
    assert (copied.versions.get().actor_id, copied.versions.get().cause) == (rita.pk, "import")


def test_a_change_of_other_columns_makes_no_version(deal):
    Deal.objects.filter(pk=deal.pk).update(name="Other", next_step="Other", product=None)
    assert states(deal) == [1]


def test_two_changes_in_one_transaction_are_two_states(deal):
    with transaction.atomic():
        Deal.objects.filter(pk=deal.pk).update(amount=2)
        Deal.objects.filter(pk=deal.pk).update(amount=3)
    assert states(deal) == [1, 2, 3]


def test_a_change_taken_back_by_a_rollback_leaves_nothing(deal):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Deal.objects.filter(pk=deal.pk).update(amount=2)
        raise ZeroDivisionError
    assert states(deal) == [1]


def test_a_version_names_who_made_it_and_why(deal, rita, acting_as):
    with acting_as(rita, "pipeline:deal_move"):
        Deal.objects.filter(pk=deal.pk).update(amount=2)
    last = deal.versions.order_by("-during").first()
    assert (last.actor_id, last.cause) == (rita.pk, "pipeline:deal_move")


def test_versions_outlive_the_deal(deal):
    pk = deal.pk
    DealMember.objects.filter(deal=deal).delete()
    Deal.objects.filter(pk=pk).delete()
    version = DealVersion.objects.get(deal_id=pk)
    assert version.during.upper is not None  # it ended when the deal went


def test_the_database_refuses_a_second_running_version(deal):
    with pytest.raises(DatabaseError), transaction.atomic():
        sql(
            "INSERT INTO pipeline_dealversion (deal_id, stage_id, owner_id, forecast_category, during, cause)"
            " SELECT deal_id, stage_id, owner_id, forecast_category, tstzrange(now(), NULL), '' FROM pipeline_dealversion"
        )


# importers of history


def test_an_importer_says_when_a_change_took_effect(rita, deal_of):
    first, second = date(2017, 1, 10), date(2017, 3, 1)
    with transaction.atomic():
        effective_at(at(first))
        deal = deal_of(rita, amount=1)
        effective_at(at(second))
        Deal.objects.filter(pk=deal.pk).update(amount=2)
        effective_at(None)
    assert states(deal) == [1, 2]
    assert [version.during.lower for version in deal.versions.order_by("during")] == [at(first), at(second)]


def test_an_importer_cannot_write_the_past_out_of_order(deal):
    with pytest.raises(DatabaseError, match="begins later"), transaction.atomic():
        effective_at(at(date(2017, 1, 10)))
        Deal.objects.filter(pk=deal.pk).update(amount=2)


def test_two_changes_at_the_same_moment_leave_the_last(rita, deal_of):
    with transaction.atomic():
        effective_at(at(date(2017, 1, 10)))
        deal = deal_of(rita, amount=1)
        Deal.objects.filter(pk=deal.pk).update(amount=2)
        effective_at(None)
    assert states(deal) == [2]


def test_a_clock_set_back_does_not_stop_people(rita, deal_of):
    with transaction.atomic():
        effective_at(datetime.now(UTC) + timedelta(hours=1))
        deal = deal_of(rita, amount=1)
        effective_at(None)
    Deal.objects.filter(pk=deal.pk).update(amount=2)
    assert states(deal) == [2]


# as of a day


def amounts_on(day):
    return [deal.then_amount for deal in Deal.objects.as_of(day)]


@pytest.fixture
def past(rita, sam, deal_of, stages):
    """Opened by rita on 10 January 2017 for 1; in Engaging for 2 from 1 March; sam's from 1 April; won on 5 May."""
    with transaction.atomic():
        effective_at(at(date(2017, 1, 10)))
        deal = deal_of(rita, amount=1)
        effective_at(at(date(2017, 3, 1)))
        Deal.objects.filter(pk=deal.pk).update(amount=2, stage=stages["Engaging"], forecast_category="best_case")
        effective_at(at(date(2017, 4, 1)))
        assign_deals(deals=Deal.objects.filter(pk=deal.pk), owner=sam, actor=rita)
        effective_at(at(date(2017, 5, 5)))
        move_deal(deal=deal, stage=stages["Won"], actor=sam, close_date=date(2017, 5, 5))
        effective_at(None)
    return deal


@pytest.mark.parametrize(
    ("day", "seen"),
    [
        (date(2017, 1, 9), []),
        (date(2017, 1, 10), [("Prospecting", "Rita", 1, "pipeline")]),
        (date(2017, 2, 28), [("Prospecting", "Rita", 1, "pipeline")]),
        (date(2017, 3, 1), [("Engaging", "Rita", 2, "best_case")]),
        (date(2017, 4, 1), [("Engaging", "Sam", 2, "best_case")]),
        (date(2017, 5, 5), [("Won", "Sam", 2, "closed")]),
        (date(2099, 1, 1), [("Won", "Sam", 2, "closed")]),
    ],
)
def test_any_past_day_can_be_opened_again(past, day, seen):
    columns = ("state__stage__name", "state__owner__name", "then_amount", "then_forecast_category")
    assert list(Deal.objects.as_of(day).values_list(*columns)) == seen


def test_a_day_ends_at_midnight_where_the_organisation_is(rita, deal_of):
    Organisation.objects.update(time_zone="America/New_York")
    with transaction.atomic():
        effective_at(datetime(2017, 7, 1, 3, 30, tzinfo=UTC))  # still 30 June in New York
        deal_of(rita, amount=1)
        effective_at(None)
    assert amounts_on(date(2017, 6, 29)) == []
    assert amounts_on(date(2017, 6, 30)) == [1]


def test_a_change_at_midnight_belongs_to_the_day_it_begins(rita, deal_of):
    with transaction.atomic():
        effective_at(datetime(2017, 7, 1, tzinfo=UTC))
        deal_of(rita, amount=1)
        effective_at(None)
    assert amounts_on(date(2017, 6, 30)) == []
    assert amounts_on(date(2017, 7, 1)) == [1]


def test_a_past_day_is_one_query(past, django_assert_num_queries):
    with django_assert_num_queries(2):  # one for the time zone, one for the deals
        list(Deal.objects.as_of(date(2017, 4, 1)).filter(then_amount__gte=1, then_owner_id__gt=0, then_stage_id__gt=0))


def test_a_past_day_reads_each_version_once(past):
    deals = Deal.objects.as_of(date(2017, 4, 1)).filter(then_amount__gte=1, then_owner_id__gt=0)
    assert str(deals.query).count("pipeline_dealversion") == 1


def test_a_past_day_can_be_found_by_the_index_of_periods(past):
    with transaction.atomic():
        sql("SET LOCAL enable_seqscan = off")
        plan = DealVersion.objects.order_by().on(at(date(2017, 4, 1))).explain()
    assert any(index in plan for index in ("dealversion_during", "dealversion_in_stage"))  # a small table: either will do


def test_what_was_open_on_a_past_day_is_found_by_stage_and_day_together(past, rita):
    open_then = DealSelection({"as_of": "2017-04-01"}, user=rita, status="open", owner="all").deals()
    with transaction.atomic():
        sql("SET LOCAL enable_seqscan = off")
        assert [deal.pk for deal in open_then] == [past.pk]
        assert "dealversion_in_stage" in open_then.order_by().explain()


# entries into stages


def test_each_stay_in_a_stage_is_one_entry_whatever_changed_within(past, rita, stages):
    """Won on 5 May 2017, reopened on 1 June and back in Engaging: the owner and the amount are no entry of their own."""
    with transaction.atomic():
        effective_at(at(date(2017, 6, 1)))
        Deal.objects.filter(pk=past.pk).update(stage=stages["Engaging"], status="open", next_step="Call", next_step_on=rita.today)
        effective_at(at(date(2017, 6, 2)))
        Deal.objects.filter(pk=past.pk).update(amount=7)
        effective_at(None)
    days = [date(2017, 1, 10), date(2017, 3, 1), date(2017, 5, 5), date(2017, 6, 1)]
    names = ["Prospecting", "Engaging", "Won", "Engaging"]
    ids = [stages[name].pk for name in names]
    kept = StageEntry.objects.filter(deal=past).order_by("entered_at")
    assert [(each.stage_id, each.entered_at.date(), each.left_at and each.left_at.date()) for each in kept] == [
        *zip(ids, days, [*days[1:], None], strict=True)
    ]
    assert [list(each.later) for each in kept] == [ids[1:], ids[2:], ids[3:], []]
    assert [each.entered_before and each.entered_before.date() for each in kept] == [None, None, None, days[1]]


# undo


def test_undoing_a_move_adds_a_version_with_the_old_values(rita, deal_of, stages, acting_as):
    from salesorg.audit.services import undo

    deal = deal_of(rita)
    since, close_date = deal.stage_since, deal.close_date
    with acting_as(rita, "pipeline:deal_move") as click:
        move_deal(deal=deal, stage=stages["Won"], actor=rita)
    with acting_as(rita, "audit:undo"):
        undo(context=click.context, actor=rita)
    names = [version.stage.name for version in deal.versions.select_related("stage").order_by("during")]
    deal.refresh_from_db()
    assert names == ["Prospecting", "Won", "Prospecting"]
    assert (deal.status, deal.close_date, deal.stage_since) == ("open", close_date, since)


def test_undoing_a_change_of_owner_gives_the_shares_back(rita, sam, deal_of, acting_as):
    from salesorg.audit.services import undo

    deal = deal_of(rita)
    with acting_as(rita) as click:
        assign_deals(deals=Deal.objects.filter(pk=deal.pk), owner=sam, actor=rita)
    with acting_as(rita):
        undo(context=click.context, actor=rita)
    deal.refresh_from_db()
    assert deal.owner == rita
    assert [(member.user, member.revenue_share) for member in deal.members.on(rita.today)] == [(rita, 10_000)]
