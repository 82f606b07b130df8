"""Onboarding: playbooks kept as data, begun with the handoff or by hand, their steps closed one by one."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.models import CoverageLine
from pipeline.models import CustomerFacts, Onboarding, OnboardingStep, Playbook, PlaybookStep
from pipeline.services import accept_handoff, offer_handoff
from pipeline.services.customers import gather_customers, values_of
from pipeline.services.onboarding import close_step, reopen_step, start_onboarding
from salesorg.lib.errors import DomainError
from salesorg.people.roles import Role

TODAY = date.today()
PROMISED = {"promised": "Training", "success": "Faster", "contact": "Ann", "start_on": (TODAY + timedelta(days=5)).isoformat()}


@pytest.fixture
def playbook(db):
    playbook = Playbook.objects.create(name="Usual", with_handoff=True)
    for name, role, day, required in (("Kick-off", Role.CSM, 0, True), ("Look back", Role.AE, 30, False)):
        PlaybookStep.objects.create(playbook=playbook, name=name, role=role, day=day, is_required=required)
    return playbook


@pytest.fixture
def running(playbook, cora, rita, account_of):
    """At a customer whom rita covers as account executive."""
    return start_onboarding(account=account_of(rita), playbook=playbook, owner=cora, starts_on=TODAY, actor=cora)


def test_the_accepted_handoff_of_a_won_deal_begins_the_playbook_on_the_day_that_was_promised(playbook, rita, cora, deal_of):
    CoverageLine.objects.get_or_create(code="customer-success", defaults={"name": "Customer success"})
    deal = deal_of(rita, stage="Won", next_step="", next_step_on=None)
    handoff = offer_handoff(deal=deal, to=cora, package=PROMISED, actor=rita)
    assert not Onboarding.objects.exists()
    accept_handoff(handoff=handoff, actor=cora)
    accept_handoff(handoff=handoff, actor=cora)  # clicked twice
    begun = Onboarding.objects.get()
    starts = TODAY + timedelta(days=5)
    assert (begun.account, begun.deal, begun.owner, begun.started_on) == (deal.account, deal, cora, starts)
    assert list(begun.steps.values_list("name", "owner", "due_on")) == [
        ("Kick-off", cora.pk, starts),
        ("Look back", rita.pk, starts + timedelta(days=30)),
    ]


def test_a_changed_playbook_leaves_running_onboardings_as_they_are(running, playbook, as_user, otto):
    url = reverse("pipeline:playbook_edit", args=[playbook.pk])
    rows = {"steps-TOTAL_FORMS": 2, "steps-INITIAL_FORMS": 0, "steps-0-name": "Call", "steps-0-role": 5, "steps-0-day": 3}
    sent = {"name": "Usual", "with_handoff": "on", "version": playbook.version} | rows
    assert as_user(otto).post(url, sent | {"steps-0-day": "soon"}).status_code == 422
    assert as_user(otto).post(url, sent).status_code == 302
    assert list(playbook.steps.values_list("name", "day", "is_required")) == [("Call", 3, False)]
    assert list(running.steps.values_list("name", flat=True)) == ["Kick-off", "Look back"]


def test_with_its_last_step_an_onboarding_is_finished_and_a_skipped_one_says_why(running, as_user, cora):
    first, second = running.steps.all()
    as_user(cora).post(reverse("pipeline:step_done", args=[first.pk]))
    running.refresh_from_db()
    assert running.ended_on is None
    url = reverse("pipeline:step_skip", args=[second.pk])
    second.owner = cora
    second.save()
    assert as_user(cora).post(url, {"reason": ""}).status_code == 422
    assert as_user(cora).post(url, {"reason": "Does not fit"}).status_code == 302
    running.refresh_from_db()
    second.refresh_from_db()
    assert (second.state, second.reason, running.ended_on) == ("skipped", "Does not fit", TODAY)
    reopen_step(step=second, actor=cora)
    running.refresh_from_db()
    assert running.ended_on is None


def test_what_is_due_stands_on_today_until_it_is_done(running, as_user, cora):
    due = reverse("pipeline:steps_due")
    assert due in as_user(cora).get("/").content.decode()
    page = as_user(cora).get(due).content.decode()
    assert "Kick-off" in page
    assert "Look back" not in page
    close_step(step=running.steps.first(), actor=cora)
    assert "Kick-off" not in as_user(cora).get(due).content.decode()


def test_a_step_at_a_customer_one_does_not_see_is_done_from_today_without_a_way_that_ends_nowhere(running, as_user, tom):
    step = running.steps.first()
    OnboardingStep.objects.filter(pk=step.pk).update(owner=tom)
    due = as_user(tom).get(reverse("pipeline:steps_due")).content.decode()
    assert "Kick-off" in due and escape(running.account.name) in due
    assert running.get_absolute_url() not in due
    url = reverse("pipeline:step_skip", args=[step.pk])
    assert running.get_absolute_url() not in as_user(tom).get(url).content.decode()
    assert as_user(tom).post(url, {"reason": "Does not fit"}).url == reverse("home:today")


def test_one_of_a_kind_runs_at_a_customer_at_a_time(running, playbook, cora):
    with pytest.raises(DomainError, match="runs here already"):
        start_onboarding(account=running.account, playbook=playbook, owner=cora, starts_on=TODAY, actor=cora)


def test_progress_counts_for_health_once_steps_are_due(running, cora):
    running.account.lifecycle = "customer"
    running.account.save()

    def progress(day):
        gather_customers(day=day)
        return values_of(CustomerFacts.objects.get(account=running.account), day).get("onboarding")

    assert progress(TODAY) is None  # the first step is due today
    assert progress(TODAY + timedelta(days=1)) == 0
    close_step(step=running.steps.first(), actor=cora)
    assert progress(TODAY + timedelta(days=1)) == 100
    assert progress(TODAY + timedelta(days=31)) == 50
    OnboardingStep.objects.filter(name="Look back").update(state="skipped", closed_on=TODAY, reason="No")
    assert progress(TODAY + timedelta(days=31)) == 100
