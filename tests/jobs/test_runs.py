"""Runs: long work in parts, step after step, that any number of workers share and anybody can watch."""

import pytest

from salesorg.audit.models import Change
from salesorg.jobs import outbox, runs
from salesorg.jobs.models import OutboxMessage, Run
from salesorg.lib.acting import acting


@pytest.fixture
def diary(job):
    """A job of two steps that writes down what it does: two parts, then one."""
    lines = []

    def work(name):
        def write(run, payload):
            lines.append(f"{name} {payload['of']}")
            return {"lines": 1, name: 1}

        return write

    job(
        "diary",
        [
            ("Collect", lambda run: [("a", {"of": "a"}), ("b", {"of": "b"})], work("collect")),
            ("Nothing", lambda run: [], work("nothing")),
            ("Add up", lambda run: [("all", {"of": "all"})], work("add up")),
        ],
    )
    return lines


def start(job="diary", period="2026-03-31", **options):
    return runs.start_run(job=job, period=period, **options)


def test_a_run_does_every_part_of_every_step_once_and_in_order_of_the_steps(db, diary):
    run = runs.run_here(start())
    assert diary == ["collect a", "collect b", "add up all"]
    assert (run.state, run.done, run.total) == (Run.State.DONE, 3, 3)
    assert run.counts == {"lines": 3, "collect": 2, "add up": 1}
    assert run.finished_at is not None


def test_progress_is_told_after_each_part(db, diary):
    told = []
    runs.run_here(start(), progress=lambda run: told.append((run.step, run.done, run.total)))
    assert [line for line in told if line[1]] == [
        ("Collect", 1, 2),
        ("Collect", 2, 2),
        ("Nothing", 2, 2),
        ("Add up", 2, 3),
        ("Add up", 3, 3),
    ]


def test_a_second_start_returns_the_running_one(db, diary):
    assert start() == start() == start(period="2026-04-01")


def test_a_period_is_run_once_unless_somebody_asks_for_it_again(db, diary, rita):
    first = runs.run_here(start())
    assert start() == first
    second = runs.run_here(start(again=True, actor=rita))
    third = start(again=True)
    assert (second.period, second.actor_id, third.period) == ("2026-03-31 #2", rita.pk, "2026-03-31 #3")


def test_parts_done_by_several_workers_in_any_order_finish_the_run(db, diary):
    run = start()
    while waiting := list(outbox.to_do().order_by("-pk").values_list("pk", flat=True)):
        for pk in waiting:
            outbox.perform(pk)
            outbox.perform(pk)  # each message arrives twice
    assert diary == ["collect b", "collect a", "add up all"]
    run.refresh_from_db()
    assert run.state == Run.State.DONE


def test_what_a_run_writes_names_who_started_it_and_why(job, rita):
    from accounts.models import Account

    job(
        "open", [("Open accounts", lambda run: [("x", {})], lambda run, payload: {"opened": Account.objects.create(name="X").pk})]
    )
    with acting(rita, "home:run_start") as click:
        run = runs.run_here(start("open", actor=rita))
    change = Change.objects.get(table="accounts_account")
    assert (change.actor_id, change.cause) == (rita.pk, "open 2026-03-31: Open accounts")
    assert change.context != click.context
    assert run.state == Run.State.DONE


def test_problems_are_collected_with_their_place(job, db):
    def work(run, payload):
        runs.report_problem(run, "Rita, March", "No quota.")

    job("pay", [("Pay", lambda run: [("a", {}), ("b", {})], work)])
    run = runs.run_here(start("pay"))
    assert run.problems == [{"where": "Rita, March", "sentence": "No quota."}] * 2
    assert (run.state, run.counts) == (Run.State.DONE, {"problems": 2})


@pytest.fixture
def fragile(job):
    """A job whose part b fails while `broken` holds anything; its second step must wait for it."""
    broken, done = ["b"], []

    def work(run, payload):
        if payload["of"] in broken:
            raise ValueError("Part b is broken.")
        done.append(payload["of"])
        return {"parts": 1}

    parts = [(key, {"of": key}) for key in "abc"]
    job("fragile", [("First", lambda run: parts, work), ("Second", lambda run: [("d", {"of": "d"})], work)])
    return broken, done


def test_a_part_that_keeps_failing_fails_the_run_names_itself_and_holds_up_the_next_step(db, fragile):
    run = runs.run_here(start("fragile"))
    assert (run.state, run.problems) == (Run.State.FAILED, [{"where": "First: b", "sentence": "Part b is broken."}])
    for pk in outbox.to_do().values_list("pk", flat=True):
        outbox.perform(pk)
    assert sorted(fragile[1]) == ["a", "c"]


def test_a_failed_run_goes_on_where_it_stood_when_its_part_is_tried_again(db, fragile):
    broken, done = fragile
    run = runs.run_here(start("fragile"))
    broken.clear()
    outbox.retry(pk=OutboxMessage.objects.get(parked_at__isnull=False).pk)
    run = runs.run_here(run)
    assert (run.state, run.problems, run.finished_at is not None) == (Run.State.DONE, [], True)
    assert sorted(done) == ["a", "b", "c", "d"]
    assert run.counts == {"parts": 4}


def test_a_step_that_cannot_be_cut_into_parts_fails_the_run(db, job):
    job("pay", [("Pay", lambda run: [("x", 1 / 0)], None)])
    run = runs.run_here(start("pay"))
    assert (run.state, run.problems) == (Run.State.FAILED, [{"where": "Pay", "sentence": "division by zero"}])


def test_a_run_whose_messages_were_lost_with_a_restored_outbox_is_resumed(db, diary):
    run = start()
    first = outbox.to_do().get()
    outbox.perform(first.pk)
    outbox.perform(outbox.to_do().first().pk)
    OutboxMessage.objects.all().delete()
    runs.resume_stuck()
    assert runs.run_here(run).state == Run.State.DONE
    assert sorted(diary) == ["add up all", "collect a", "collect b"]


def test_progress_is_shown_step_by_step(db, diary):
    run = start()
    outbox.perform(outbox.to_do().get().pk)
    assert [(step.name, done, total) for step, done, total in runs.progress_of(run)] == [
        ("Collect", 0, 2),
        ("Nothing", 0, None),
        ("Add up", 0, None),
    ]


def test_a_job_is_started_once_when_its_period_comes(db, diary):
    runs.register_due("diary", lambda now: now)
    assert runs.start_due(now=None) == []
    (run,) = runs.start_due(now="2026-03-31")
    assert runs.start_due(now="2026-03-31") == []
    assert runs.start_due(now="2026-04-01") == []  # the first is still at it
    runs.run_here(run)
    (later,) = runs.start_due(now="2026-04-01")
    assert later.period == "2026-04-01"


def test_two_steps_of_a_job_cannot_take_the_same_place(diary):
    with pytest.raises(ValueError, match="Collect and Other"):
        runs.register_step(job="diary", order=0, name="Other", parts=None, work=None)
