"""Killed in mid clock of handoffs, or in a change of many deals: gone on with by the next worker, and nothing done twice."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from accounts import changing
from pipeline.models import Deal, DealVersion, Handoff
from pipeline.services import handoff_clocks, offer_handoff
from pipeline.services.handoff_clocks import mind_handoffs
from salesorg.jobs.models import OutboxMessage, Run
from salesorg.jobs.runs import run_here
from salesorg.lib.bulk import Chosen
from tests.killing import killed_after

pytestmark = pytest.mark.django_db(transaction=True)
BANT = {"budget": "40,000", "authority": "Ms Weber", "need": "Faster set-up", "timing": "2026-05-01"}


def test_the_clock_of_handoffs_reminds_and_escalates_once_however_often_its_worker_is_killed(sol, rita, mia, deal_of):
    for name in ("A", "B"):
        offer_handoff(deal=deal_of(sol, name=name), to=rita, package=BANT, actor=sol)
    later = timezone.now() + timedelta(days=30)
    killed_after(handoff_clocks, "tell", lambda: mind_handoffs(now=later))
    assert not Handoff.objects.exclude(reminded_at=None).exists(), "not said to be told before it is"
    killed_after(handoff_clocks, "_tell_leaders", lambda: mind_handoffs(now=later))
    for _tick in range(2):
        mind_handoffs(now=later)
    told = sorted(OutboxMessage.objects.exclude(payload__what="offered").values_list("payload__what", "payload__to"))
    assert told == [("escalated", mia.pk)] * 2 + [("reminded", rita.pk)] * 2


def test_a_change_of_many_deals_goes_on_where_it_was_killed(rita, deal_of, stages, monkeypatch):
    monkeypatch.setattr(changing, "AT_ONCE", 2)
    for name in ("A", "B", "C"):
        deal_of(rita, name=name)
    typed = QueryDict(f"stage={stages['Engaging'].pk}")
    form = changing.kind_of("deals").form(typed, user=rita)
    assert form.is_valid()
    form.data = typed
    chosen = Chosen(Deal.objects.all(), 3, "", "Deals", moved_on=False)
    change = changing.begin_change(kind="deals", chosen=chosen, form=form, actor=rita)
    change.refresh_from_db()
    run = Run.objects.get(pk=change.run_id)
    killed_after(changing, "_note", lambda: run_here(run))
    assert not Deal.objects.filter(stage=stages["Engaging"]).exists()
    run_here(run)
    change.refresh_from_db()
    assert (change.state, change.counts["changed"], DealVersion.objects.count()) == ("done", 3, 6)
