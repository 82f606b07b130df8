"""Pipelines and their stages as operations set them up, and what becomes of the deals in a stage that goes."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import InternalError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from pipeline.models import Criterion, Deal, GateOverride, Pipeline, Stage
from pipeline.services import create_deal, move_deal
from pipeline.services import stages as services
from salesorg.audit.services import undo
from salesorg.lib.acting import acting
from salesorg.lib.errors import DomainError

NEW = {"owner_role": 3, "probability": 30, "forecast_category": "pipeline", "expected_days": 10}


def url(name, *args, **query):
    return reverse(f"pipeline:{name}", args=args, query=query or None)


def order(pipeline):
    return [stage.name for stage in pipeline.stages.in_use().order_by("position")]


def open_keys(pipeline):
    return [stage.pk for stage in pipeline.stages.in_use().filter(status="open").order_by("position")]


@pytest.fixture
def pipeline(stages):
    return stages["Prospecting"].pipeline


def test_a_new_pipeline_can_be_won_and_lost_from_the_start(otto):
    renewal = services.create_pipeline(name="Renewal", deal_type="renewal", actor=otto)
    assert [stage.status for stage in renewal.stages.order_by("position")] == ["open", "won", "lost"]
    with pytest.raises(DomainError, match="called “Renewal” already"):
        services.create_pipeline(name="Renewal", deal_type="new", actor=otto)


def test_a_new_stage_stands_behind_the_open_ones_and_before_won_and_lost(otto, pipeline):
    services.add_stage(pipeline=pipeline, name="Closing", status="open", actor=otto, **NEW)
    second = services.add_stage(pipeline=pipeline, name="Signed", status="won", actor=otto, **NEW)
    assert order(pipeline) == ["Prospecting", "Engaging", "Closing", "Won", "Lost", "Signed"]
    assert (second.probability, second.forecast_category) == (100, "closed")
    with pytest.raises(DomainError, match="called “Closing” already"):
        services.add_stage(pipeline=pipeline, name="Closing", status="open", actor=otto, **NEW)


def test_stages_change_places_and_two_who_do_it_at_once_do_not_undo_each_other(otto, stages, pipeline):
    seen = open_keys(pipeline)
    services.move_stage(stage=stages["Engaging"], step=-1, seen=seen, actor=otto)
    assert order(pipeline) == ["Engaging", "Prospecting", "Won", "Lost"]
    with pytest.raises(DomainError, match="Somebody has changed the stages meanwhile"):
        services.move_stage(stage=stages["Engaging"], step=-1, seen=seen, actor=otto)
    with pytest.raises(DomainError, match="cannot be moved further"):
        services.move_stage(stage=stages["Engaging"], step=-1, seen=open_keys(pipeline), actor=otto)
    with pytest.raises(DomainError, match="cannot be moved further"):
        services.move_stage(stage=stages["Won"], step=1, seen=open_keys(pipeline), actor=otto)


@pytest.mark.parametrize(("name", "words"), [("Won", "needs a won stage"), ("Lost", "needs a lost stage")])
def test_a_pipeline_keeps_a_won_and_a_lost_stage(otto, stages, name, words):
    with pytest.raises(DomainError, match=words):
        services.remove_stage(stage=stages[name], actor=otto)


def test_a_stage_under_deals_goes_only_with_a_place_for_them_and_is_archived(rita, otto, deal_of, stages, pipeline, as_user):
    deal = deal_of(rita)
    with pytest.raises(DomainError, match="1 deal is in “Prospecting”") as refusal:
        services.remove_stage(stage=stages["Prospecting"], actor=otto)
    (words, address), *_more = refusal.value.links
    listed = as_user(otto).get(address)
    assert words == "Look at 1 deal" and [row.pk for row in listed.context["page"].rows] == [deal.pk]
    for wrong in ("Won", "Prospecting"):
        with pytest.raises(DomainError, match="1 deal"):
            services.remove_stage(stage=stages["Prospecting"], to=stages[wrong], actor=otto)
    assert services.remove_stage(stage=stages["Prospecting"], to=stages["Engaging"], actor=otto) is False
    deal.refresh_from_db()
    assert (deal.stage.name, deal.forecast_category) == ("Engaging", "best_case")
    assert order(pipeline) == ["Engaging", "Won", "Lost"]


def test_a_past_day_still_shows_the_stage_that_is_archived(rita, otto, deal_of, stages, as_user):
    from .test_versions import at, effective_at

    yesterday = rita.today - timedelta(days=1)
    with transaction.atomic():
        effective_at(at(yesterday))
        deal_of(rita)
        effective_at(None)
    services.remove_stage(stage=stages["Prospecting"], to=stages["Engaging"], actor=otto)
    client = as_user(rita)
    now, then = (client.get(url("board", **query)).context["columns"] for query in ({}, {"as_of": yesterday.isoformat()}))
    assert [column.stage.name for column in now] == ["Engaging", "Won", "Lost"]
    assert [(column.stage.name, len(column.cards)) for column in then[:2]] == [("Prospecting", 1), ("Engaging", 0)]


def test_what_a_stage_that_goes_lets_pass_is_reported(rita, ada, deal_of, stages):
    Criterion.objects.create(stage=stages["Prospecting"], kind="check", value="Budget confirmed")
    deal = deal_of(rita)
    services.remove_stage(stage=stages["Prospecting"], to=stages["Engaging"], actor=ada)
    row = GateOverride.objects.get()
    assert (row.deal, row.criterion, row.user, row.reason) == (
        deal,
        "Budget confirmed",
        ada,
        "The stage “Prospecting” was removed.",
    )


def test_a_stage_never_used_is_deleted_and_an_archived_one_comes_back_to_its_place(rita, otto, deal_of, stages, pipeline):
    unused = services.add_stage(pipeline=pipeline, name="Closing", status="open", actor=otto, **NEW)
    assert services.remove_stage(stage=unused, actor=otto) is True
    deal_of(rita)
    services.remove_stage(stage=stages["Prospecting"], to=stages["Engaging"], actor=otto)
    with pytest.raises(DomainError, match="An archived one is called"):
        services.add_stage(pipeline=pipeline, name="Prospecting", status="open", actor=otto, **NEW)
    services.restore_stage(stage=stages["Prospecting"], actor=otto)
    assert order(pipeline) == ["Prospecting", "Engaging", "Won", "Lost"]


def test_no_deal_enters_a_stage_that_is_no_longer_in_use(rita, account_of, deal_of, stages):
    Stage.objects.filter(name="Engaging").update(archived_at=timezone.now())
    with pytest.raises(DomainError, match="no longer in use"):
        move_deal(deal=deal_of(rita), stage=stages["Engaging"], actor=rita)
    with pytest.raises(DomainError, match="no longer in use"):
        create_deal(owner=rita, stage=stages["Engaging"], actor=rita, name="Pumps", account=account_of(rita))


def test_a_stage_stays_in_its_pipeline_and_what_it_is(stages, otto):
    other = services.create_pipeline(name="Renewal", deal_type="renewal", actor=otto)
    for change in ({"pipeline": other}, {"status": "won"}):
        with pytest.raises(InternalError), transaction.atomic():
            Stage.objects.filter(pk=stages["Prospecting"].pk).update(**change)


def test_a_pipeline_goes_when_nothing_is_open_in_it_and_keeps_its_past(rita, otto, deal_of, pipeline, stages):
    with pytest.raises(DomainError, match="only pipeline in use"):
        services.remove_pipeline(pipeline=pipeline, actor=otto)
    renewal = services.create_pipeline(name="Renewal", deal_type="renewal", actor=otto)
    deal_of(rita)
    with pytest.raises(DomainError, match="1 deal is in “New business”"):
        services.remove_pipeline(pipeline=pipeline, actor=otto)
    Deal.objects.update(stage=stages["Won"], status="won")
    assert services.remove_pipeline(pipeline=pipeline, actor=otto) is False
    assert not pipeline.stages.in_use().exists()
    services.restore_pipeline(pipeline=pipeline, actor=otto)
    assert pipeline.stages.in_use().count() == 4
    assert services.remove_pipeline(pipeline=renewal, actor=otto) is True


def test_a_deal_opened_in_the_renewal_pipeline_is_a_renewal(rita, otto, account_of, stages, as_user):
    renewal = services.create_pipeline(name="Renewal", deal_type="renewal", actor=otto)
    client = as_user(rita)
    offered = dict(client.get(url("deal_new")).context["form"].fields["stage"].choices)
    assert set(offered) == {"New business", "Renewal"}
    facts = {"name": "Pumps", "account": account_of(rita).pk, "amount": 1, "currency": "USD", "close_date": rita.today}
    facts |= {"next_step": "Call", "next_step_on": rita.today, "stage": renewal.stages.earliest("position").pk}
    assert client.post(url("deal_new"), facts).status_code == 302
    assert (Deal.objects.get().pipeline, Deal.objects.get().type) == (renewal, "renewal")


# the pages


def test_operations_set_up_a_stage_and_what_it_asks_for(otto, stages, pipeline, as_user):
    client = as_user(otto)
    made = client.post(url("stage_new", pipeline.pk), {"name": "Closing", "status": "open"} | NEW)
    assert made.status_code == 302
    closing = Stage.objects.get(name="Closing")
    for asked in ({"what": "activity:demo"}, {"sentence": "The budget  is confirmed"}):
        assert client.post(url("criterion_add", closing.pk), asked).status_code == 302
    page = client.get(url("pipeline_detail", pipeline.pk)).content.decode()
    for words in ("A demo was held", "The budget is confirmed", "30%"):
        assert words in page
    for refused in ({"what": "activity:demo"}, {"sentence": "x" * 201}, {"what": "activity:nothing"}, {}, {"sentence": "\0"}):
        assert client.post(url("criterion_add", closing.pk), refused).status_code == 422
    assert Criterion.objects.filter(stage=closing).count() == 2


@pytest.mark.parametrize("wrong", [{"probability": 101}, {"probability": ""}, {"expected_days": 99_999}, {"name": ""}], ids=str)
def test_a_stage_that_cannot_be_is_refused_at_its_field(otto, pipeline, as_user, wrong):
    answer = as_user(otto).post(url("stage_new", pipeline.pk), {"name": "Closing", "status": "open"} | NEW | wrong)
    assert answer.status_code == 422 and set(answer.context["form"].errors) == set(wrong)


def test_of_two_who_edit_a_stage_the_second_sees_both_values(otto, stages, as_user):
    client, stage = as_user(otto), stages["Prospecting"]
    typed = {"name": "Prospecting", "version": 1} | NEW
    assert client.post(url("stage_edit", stage.pk), typed | {"probability": 40}).status_code == 302
    late = client.post(url("stage_edit", stage.pk), typed | {"probability": 50})
    assert late.status_code == 422 and "40" in str(late.context["form"].errors["probability"])


def test_a_seller_reads_how_selling_goes_and_changes_nothing(rita, stages, pipeline, as_user):
    page = as_user(rita).get(url("pipeline_detail", pipeline.pk))
    assert page.context["model"].code == "island" and not page.context["may_edit"]
    stages["Prospecting"].owner_role = 2
    stages["Prospecting"].save()
    model = as_user(rita).get(url("pipeline_detail", pipeline.pk)).context["model"]
    assert model.code == "line" and "changes hands once" in model.words


def test_the_removal_of_a_stage_is_taken_back_with_its_deals(rita, otto, deal_of, stages, as_user):
    deal, client = deal_of(rita), as_user(otto)
    removed = client.post(url("stage_remove", stages["Prospecting"].pk), {"to": stages["Engaging"].pk}, follow=True)
    deal.refresh_from_db()
    assert deal.stage.name == "Engaging"
    client.post(re.search(r"/history/undo/[0-9a-f-]+/", removed.content.decode())[0])
    deal.refresh_from_db()
    assert (deal.stage.name, deal.stage.archived_at) == ("Prospecting", None)


def test_no_undo_brings_an_open_deal_into_a_stage_that_is_no_longer_in_use(rita, otto, deal_of, stages, pipeline):
    deal = deal_of(rita)
    with acting(rita, "pipeline:deal_move") as moved:
        move_deal(deal=deal, stage=stages["Engaging"], actor=rita)
    services.remove_stage(stage=stages["Prospecting"], actor=otto)
    with pytest.raises(DomainError, match="“Prospecting” is no longer in use"):
        undo(context=moved.context, actor=rita)
    with acting(otto, "pipeline:stage_restore") as restored:
        services.restore_stage(stage=stages["Prospecting"], actor=otto)
    move_deal(deal=deal, stage=stages["Prospecting"], actor=rita)
    with pytest.raises(DomainError, match="no longer in use"):
        undo(context=restored.context, actor=otto)
    assert Deal.objects.get().stage.archived_at is None


def test_an_administrator_sets_up_stages_without_seeing_deals(rita, ada, deal_of, stages, pipeline, as_user):
    deal, client = deal_of(rita), as_user(ada)
    asked = client.get(url("stage_remove", stages["Prospecting"].pk)).content.decode()
    assert "1 deal" in asked and deal.name not in asked
    assert client.post(url("stage_remove", stages["Prospecting"].pk), {"to": stages["Engaging"].pk}).status_code == 302
    assert client.get(url("pipeline_detail", pipeline.pk)).context["archived"] == [stages["Prospecting"]]


@pytest.mark.django_db(transaction=True)
def test_a_deal_moved_into_a_stage_that_is_just_being_removed_never_stays_there(rita, otto, deal_of, stages):
    deals = [deal_of(rita, stage="Engaging") for _each in range(3)]
    barrier = Barrier(2)

    def run(work):
        try:
            barrier.wait(timeout=10)
            return work()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    works = [
        lambda: move_deal(deal=deals[0], stage=stages["Prospecting"], actor=rita),
        lambda: services.remove_stage(stage=stages["Prospecting"], to=stages["Engaging"], actor=otto),
    ]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, works))
    assert not Deal.objects.filter(stage__archived_at__isnull=False).exists()
    assert Deal.objects.filter(stage__name="Engaging").count() == 3
    assert Pipeline.objects.count() == 1
