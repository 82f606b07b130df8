"""What follows from a handoff: the stage it leads to, its figures by pipeline and product, its history in words, who hears."""

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from pipeline.models import Criterion, Deal, Handoff, Pipeline, Product, Stage
from pipeline.services import accept_handoff, offer_handoff, tick
from pipeline.services import handoff_clocks as clocks
from salesorg.jobs.models import OutboxMessage
from salesorg.lib.acting import acting
from salesorg.people.models import Absence
from salesorg.people.roles import Role

from .test_handoffs import BANT, PROMISED

pytestmark = pytest.mark.django_db


@pytest.fixture
def line_of_work(stages):
    """Prospecting is the SDR's, Engaging the account executive's, and accepted handoffs move deals."""
    Stage.objects.filter(pk=stages["Prospecting"].pk).update(owner_role=Role.SDR_OUTBOUND)
    Pipeline.objects.update(moves_on_acceptance=True)
    return {name: Stage.objects.get(pk=stage.pk) for name, stage in stages.items()}


def body(answer):
    return " ".join(answer.content.decode().split())


# where it leads


def test_accepting_moves_the_deal_to_the_first_stage_of_the_receivers_role_as_the_offer_said(
    sol, rita, line_of_work, deal_of, as_user
):
    deal = deal_of(sol, stage="Prospecting")
    client = as_user(sol)
    said = "On acceptance the deal moves to “Engaging”."
    assert said in body(client.get(reverse("pipeline:handoff_new", args=[deal.pk])))
    handoff = offer_handoff(deal=deal, to=rita, package=BANT, actor=sol)
    client = as_user(rita)
    assert said in body(client.get(handoff.get_absolute_url()))
    answer = client.post(reverse("pipeline:handoff_accept", args=[handoff.pk]), follow=True)
    assert "It is in “Engaging” now." in body(answer)
    deal.refresh_from_db()
    assert (deal.owner, deal.stage.name, deal.forecast_category) == (rita, "Engaging", "best_case")


def test_a_gate_that_is_not_met_is_named_before_and_keeps_the_deal_where_it_is(sol, rita, line_of_work, deal_of, as_user):
    criterion = Criterion.objects.create(stage=line_of_work["Prospecting"], kind="check", value="The need is confirmed")
    deal, other = deal_of(sol), deal_of(sol)
    page = body(as_user(sol).get(reverse("pipeline:handoff_new", args=[deal.pk])))
    assert "Until this is met it stays where it is: The need is confirmed." in page
    accept_handoff(handoff=offer_handoff(deal=deal, to=rita, package=BANT, actor=sol), actor=rita)
    tick(deal=other, criterion=criterion, ticked=True, actor=sol)
    accept_handoff(handoff=offer_handoff(deal=other, to=rita, package=BANT, actor=sol), actor=rita)
    assert [(each.owner, each.stage.name) for each in Deal.objects.order_by("pk")] == [(rita, "Prospecting"), (rita, "Engaging")]


def test_a_pipeline_that_does_not_say_so_leaves_the_stage_alone(sol, rita, line_of_work, deal_of, as_user):
    Pipeline.objects.update(moves_on_acceptance=False)
    deal = deal_of(sol)
    handoff = offer_handoff(deal=deal, to=rita, package=BANT, actor=sol)
    assert "On acceptance the deal moves" not in body(as_user(rita).get(handoff.get_absolute_url()))
    accept_handoff(handoff=handoff, actor=rita)
    deal.refresh_from_db()
    assert deal.stage.name == "Prospecting"


def test_a_deal_in_a_stage_of_the_receivers_role_stays_there(sol, rita, line_of_work, deal_of):
    deal = deal_of(sol, stage="Engaging")
    accept_handoff(handoff=offer_handoff(deal=deal, to=rita, package=BANT, actor=sol), actor=rita)
    deal.refresh_from_db()
    assert deal.stage.name == "Engaging"


def test_operations_say_of_a_pipeline_that_accepted_handoffs_move_its_deals(otto, stages, as_user):
    pipeline = Pipeline.objects.get()
    facts = {"name": pipeline.name, "deal_type": "new", "renewal_days": pipeline.renewal_days, "moves_on_acceptance": "on"}
    assert as_user(otto).post(reverse("pipeline:pipeline_edit", args=[pipeline.pk]), facts).status_code == 302
    assert Pipeline.objects.get().moves_on_acceptance


# figures and history


def test_figures_by_pipeline_and_product_are_the_rows_they_link_to(sol, rita, deal_of, as_user):
    scanner = Product.objects.create(name="Scanner")
    for product in (scanner, scanner, None):
        offer_handoff(deal=deal_of(sol, product=product), to=rita, package=BANT, actor=sol)
    client = as_user(rita)
    for by, expected in (("pipelines", {"New business": 3}), ("products", {"Scanner": 2, "without a product": 1})):
        rows = client.get(reverse("pipeline:handoff_figures"), {"by": by}).context["pairs"]
        assert {row.label: row.offered for row in rows} == expected
        for row in rows:
            assert client.get(row.links["offered"]).context["total"] == row.offered


def test_the_history_of_a_handoff_tells_its_package_in_words(sol, rita, deal_of, as_user):
    with acting(sol, "offer"):
        handoff = offer_handoff(deal=deal_of(sol), to=rita, package=BANT, actor=sol)
    page = body(as_user(rita).get(reverse("audit:history", args=["pipeline_handoff", handoff.pk])))
    labels = {each.key: each.label for each in handoff.package.fields}
    assert f"{labels['budget']}: 40,000, released by the CFO" in page
    assert "{" not in page.split("Budget")[1][:200] and "&#x27;budget&#x27;" not in page


# who hears


def told(handoff, what):
    """The names of those who are mailed that this happened to the handoff."""
    from salesorg.people.models import User

    found = OutboxMessage.objects.filter(topic=clocks.MAIL, payload__handoff=handoff.pk, payload__what=what)
    return set(User.objects.filter(pk__in=[each.payload["to"] for each in found]).values_list("name", flat=True))


def test_where_nobody_leads_the_receiver_sales_operations_hears_that_time_is_up(sol, tom, otto, deal_of):
    handoff = offer_handoff(deal=deal_of(sol), to=tom, package=BANT, actor=sol)
    clocks.escalate(now=handoff.decide_by + timedelta(minutes=1))
    assert told(handoff, "escalated") == {"Otto"}


def test_where_somebody_leads_the_receiver_they_hear_it_and_not_operations(sol, rita, mia, otto, deal_of):
    handoff = offer_handoff(deal=deal_of(sol), to=rita, package=BANT, actor=sol)
    clocks.escalate(now=handoff.decide_by + timedelta(minutes=1))
    assert told(handoff, "escalated") == {"Mia"}


def test_what_no_stand_in_can_take_keeps_nothing_else_from_passing(sol, rita, sam, tom, cora, fay, deal_of, monkeypatch):
    """Rita's stand-in does not sell; those of her offers that wait fill more than one tick."""
    monkeypatch.setattr(clocks, "AT_ONCE", 2)
    for person, stand_in in ((rita, fay), (tom, sam)):
        Absence.objects.create(user=person, during=DateRange(rita.today, rita.today + timedelta(days=5)), stand_in=stand_in)
    stuck = [offer_handoff(deal=deal_of(sol), to=rita, package=BANT, actor=sol) for _each in range(3)]
    passing = []
    for _each in range(3):  # offered before Tom was away
        handoff = offer_handoff(deal=deal_of(sol), to=cora, package=PROMISED | BANT, actor=sol, to_role=Role.AE)
        Handoff.objects.filter(pk=handoff.pk).update(taker=tom)
        passing.append(handoff)
    now = stuck[0].offered_at + timedelta(minutes=1)
    clocks.pass_to_stand_ins(now=now)
    assert Handoff.objects.filter(pk__in=[each.pk for each in passing], taker=sam).count() == 2
    clocks.pass_to_stand_ins(now=now)
    assert Handoff.objects.filter(pk__in=[each.pk for each in passing], taker=sam).count() == 3
    assert set(Handoff.objects.filter(pk__in=[each.pk for each in stuck]).values_list("taker", flat=True)) == {rita.pk}
