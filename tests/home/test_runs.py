"""The pages of the runs: how far each is, what went wrong, start one now, try again what was given up."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from salesorg.jobs import outbox, runs
from salesorg.jobs.models import OutboxMessage, Run


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def nightly(monkeypatch):
    """A nightly run of one step with two parts, in place of the real one."""
    monkeypatch.setattr(runs, "_steps", {})

    def work(run, payload):
        runs.report_problem(run, payload["of"], "has no quota.")
        return {"statements_made": 1}

    runs.register_step(job="nightly", order=1, name="Statements", parts=lambda run: [(k, {"of": k}) for k in "ab"], work=work)


def test_starting_the_nightly_run_shows_it_live(otto, as_user, nightly):
    started = as_user(otto).post(reverse("home:run_start"))
    run = Run.objects.get()
    assert (started.status_code, started["Location"]) == (302, reverse("home:run", args=[run.pk]))
    assert run.actor_id == otto.pk
    page = as_user(otto).get(started["Location"])
    assert "Running" in text_of(page)
    assert "started by Otto" in text_of(page)
    assert 'hx-trigger="every 1s"' in page.content.decode()


def test_a_finished_run_shows_its_counts_and_problems_and_stops_asking(otto, as_user, nightly):
    as_user(otto).post(reverse("home:run_start"))
    run = runs.run_here(Run.objects.get())
    page = as_user(otto).get(reverse("home:run", args=[run.pk]), headers={"HX-Request": "true"})
    assert "2 of 2 parts done" in text_of(page)
    assert "2 Statements made" in text_of(page) or "Statements made 2" in text_of(page)
    assert "a has no quota." in text_of(page)
    assert "hx-trigger" not in page.content.decode()
    assert "<html" not in page.content.decode()


def test_starting_twice_shows_the_running_one_and_starting_again_makes_another(otto, as_user, nightly):
    browser = as_user(otto)
    first, second = (browser.post(reverse("home:run_start"))["Location"] for _ in range(2))
    assert first == second
    runs.run_here(Run.objects.get())
    assert browser.post(reverse("home:run_start"))["Location"] != first
    assert "#2" in text_of(browser.get(reverse("home:runs")))


def test_the_list_shows_what_was_given_up_and_has_it_tried_again(ada, as_user, db):
    message = OutboxMessage.objects.create(
        topic="people.invite", key="1", parked_at=timezone.now(), attempts=3, problem="No mail."
    )
    page = as_user(ada).get(reverse("home:runs"))
    assert "people.invite" in text_of(page)
    assert "No mail." in text_of(page)
    as_user(ada).post(reverse("home:message_retry", args=[message.pk]), follow=True)
    assert list(outbox.to_do().values_list("pk", "attempts")) == [(message.pk, 0)]
    assert "people.invite" not in text_of(as_user(ada).get(reverse("home:runs")))


def test_the_list_takes_few_queries(otto, as_user, django_assert_max_num_queries):
    Run.objects.bulk_create(Run(job="nightly", period=str(number), actor_id=otto.pk) for number in range(60))
    browser = as_user(otto)
    with django_assert_max_num_queries(15):
        browser.get(reverse("home:runs"))
