"""Runs: long work cut into parts that any number of workers share, step after step, with its progress in a row.

An upper app registers the steps of a job in AppConfig.ready. Each part is a message of the outbox, so a part takes
effect once whoever is killed; the next step begins when every part of the step is done.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Max, Q
from django.db.models.functions import Now
from django.utils import timezone

from salesorg.lib.acting import acting, current
from salesorg.lib.db import lock_until_commit

from . import outbox
from .models import Run, RunPart

MOST_PROBLEMS = 500  # kept on the run; all are counted
POLL = 0.2  # seconds, while another process works on the parts that `run_here` waits for


@dataclass(frozen=True)
class Step:
    job: str
    order: int
    name: str
    parts: Callable
    work: Callable


_steps = {}
_due = {}


def register_step(*, job, order, name, parts, work):
    """Add a step to `job`.

    `parts(run)` gives (key, payload) pairs, each under a minute of work. `work(run, payload)` does one of them in
    one transaction and returns a dict of counts, which are summed over the run; it may call `report_problem`.
    A part that raises three times fails the run.
    """
    steps = _steps.setdefault(job, {})
    if order in steps:
        raise ValueError(f"{job} has two steps of order {order}: {steps[order].name} and {name}.")
    steps[order] = Step(job, order, name, parts, work)


def register_due(job, period_due):
    """Start `job` by the clock: `period_due(now)` names the period that is due by now, or gives None."""
    _due[job] = period_due


def steps_of(job):
    """The steps of `job` in their order."""
    return [step for _order, step in sorted(_steps.get(job, {}).items())]


def report_problem(run, where, sentence):
    """Note on the run, from inside `parts` or `work`, what a person has to look at: where it is, and what is wrong."""
    run.found = [*getattr(run, "found", []), {"where": str(where), "sentence": str(sentence)}]


@transaction.atomic
def start_run(*, job, period, actor=None, again=False, alone=True):
    """Start `job` for `period` and return the Run.

    One run of a job at a time: while one is running, whatever its period, that one is returned. A period that was
    run already is not run again and its run is returned, unless `again`: then the new run is named “period #2”. With
    `alone` false only a running one of the same period is in the way: files of several people are imported at once.
    """
    lock_until_commit(f"run {job}")
    same = Q(period=period) | Q(period__startswith=f"{period} #")
    running = Run.objects.filter(job=job, state=Run.State.RUNNING)
    if running := (running if alone else running.filter(same)).first():
        return running
    earlier = Run.objects.filter(same, job=job).order_by("-pk")
    if earlier and not again:
        return earlier[0]
    run = Run.objects.create(
        job=job, period=f"{period} #{len(earlier) + 1}" if earlier else period, actor_id=getattr(actor, "pk", actor)
    )
    # An undertaking of its own: undoing the click that started it must not undo what the run has written.
    with acting(actor, str(run)):
        _begin_step_after(run, None)
    return run


def last_run(job):
    """The Run of `job` that began last; None when there was none."""
    return Run.objects.filter(job=job).order_by("-started_at").first()


def start_due(*, now):
    """Start every job whose period has come. Returns the runs that were started."""
    started = []
    for job, period_due in _due.items():
        period = period_due(now)
        if period and not Run.objects.filter(job=job, period=period).exists():
            run = start_run(job=job, period=period)
            if run.period == period:  # else an earlier run is still at it, and the next tick tries again
                started.append(run)
    return started


def run_here(run, progress=None):
    """Work the run off in this process, beside any workers, and return it as it ended.

    `progress(run)` is called after every part.
    """
    run.refresh_from_db()
    while run.state == Run.State.RUNNING:
        waiting = list(_messages(run).filter(done_at=None, parked_at=None).values_list("pk", flat=True))
        done = [pk for pk in waiting if _perform_and_tell(pk, run, progress)]
        if not waiting:
            _resume(run)
        elif not done:
            time.sleep(POLL)  # others hold the parts that are left, or an attempt failed and is tried again
        run.refresh_from_db()
    return run


def _perform_and_tell(pk, run, progress):
    done = outbox.perform(pk)
    if progress:
        run.refresh_from_db()
        progress(run)
    return done


def resume_stuck():
    """Send the missing messages of runs that wait for nothing: after a restored backup the outbox may be older than they."""
    for run in Run.objects.filter(state=Run.State.RUNNING):
        if not outbox.to_do().filter(key__startswith=_key(run)).exists():
            _resume(run)


@transaction.atomic
def _resume(run):
    run = Run.objects.select_for_update().get(pk=run.pk)
    with acting(run.actor_id, str(run)):
        left = run.parts.filter(done_at=None)
        if left:
            outbox.publish_many("jobs.run_part", [(_key(run, part.step, part.key), {"part": part.pk}) for part in left])
        elif run.state == Run.State.RUNNING and not outbox.to_do().filter(key__startswith=_key(run)).exists():
            _begin_step_after(run, run.parts.aggregate(last=Max("step"))["last"])


def progress_of(run):
    """One (step, done, total) for each step of the run; total is None while the step has not begun."""
    rows = run.parts.values("step").annotate(total=Count("pk"), done=Count("pk", filter=Q(done_at__isnull=False)))
    begun = {row["step"]: row for row in rows}
    return [
        (step, begun[step.order]["done"], begun[step.order]["total"]) if step.order in begun else (step, 0, None)
        for step in steps_of(run.job)
    ]


def _key(run, *parts):
    """Business key of a run's message; without parts, what the keys of all of them begin with."""
    return " ".join(["run", str(run.pk), *map(str, parts)]) + ("" if parts else " ")


def _messages(run):
    return outbox.OutboxMessage.objects.filter(key__startswith=_key(run)).order_by("pk")


def _begin_step_after(run, order):
    """Publish the first step after `order`, or finish the run when there is none."""
    following = [step for step in steps_of(run.job) if order is None or step.order > order]
    if following:
        outbox.publish("jobs.run_step", {"run": run.pk, "order": following[0].order}, key=_key(run, "step", following[0].order))
    else:
        Run.objects.filter(pk=run.pk).update(state=Run.State.DONE, finished_at=Now())


def _step(run, order):
    try:
        return _steps[run.job][order]
    except KeyError:
        raise LookupError(f"{run.job} has no step {order} any more.") from None


def _gave_up(payload, problem):
    """A part or step failed for the last time: so did the run. Its other parts are finished; no further step begins."""
    run, where = _where(payload)
    run = Run.objects.select_for_update().get(pk=run.pk)
    run.problems = [*run.problems, {"where": where, "sentence": problem}]
    run.state, run.finished_at = Run.State.FAILED, timezone.now()
    run.save(update_fields=["problems", "state", "finished_at"])


def _goes_on(payload):
    """Somebody had the failed part tried again."""
    run, where = _where(payload)
    run = Run.objects.select_for_update().get(pk=run.pk)
    run.problems = [problem for problem in run.problems if problem["where"] != where]
    if not _messages(run).filter(parked_at__isnull=False).exists():
        run.state, run.finished_at = Run.State.RUNNING, None
    run.save(update_fields=["problems", "state", "finished_at"])


def _where(payload):
    if "run" in payload:
        run = Run.objects.get(pk=payload["run"])
        return run, str(_step_name(run, payload["order"]))
    part = RunPart.objects.select_related("run").get(pk=payload["part"])
    return part.run, f"{_step_name(part.run, part.step)}: {part.key}"


def _step_name(run, order):
    step = _steps.get(run.job, {}).get(order)
    return step.name if step else order


@outbox.handles("jobs.run_step", parked=_gave_up, retried=_goes_on)
def _begin_step(payload):
    """Cut the step into parts and publish them."""
    run = Run.objects.get(pk=payload["run"])
    step = _step(run, payload["order"])
    with acting(run.actor_id, f"{run}: {step.name}", current().context):
        parts = [RunPart(run=run, step=step.order, key=key, payload=part) for key, part in step.parts(run)]
        RunPart.objects.bulk_create(parts, batch_size=5000)
        outbox.publish_many("jobs.run_part", [(_key(run, step.order, part.key), {"part": part.pk}) for part in parts])
        run = _add_up(run, total=len(parts), step=str(step.name))
        if not parts:
            _begin_step_after(run, step.order)


@outbox.handles("jobs.run_part", parked=_gave_up, retried=_goes_on)
def _work_part(payload):
    part = RunPart.objects.select_related("run").get(pk=payload["part"])
    if part.done_at:
        return
    step = _step(part.run, part.step)
    with acting(part.run.actor_id, f"{part.run}: {step.name}", current().context):
        counts = step.work(part.run, part.payload)
        RunPart.objects.filter(pk=part.pk).update(done_at=Now())
        # Last, because from here to the commit the other workers wait for the run's row.
        run = _add_up(part.run, done=1, counts=counts or {})
        if not run.parts.filter(step=part.step, done_at=None).exists():
            _begin_step_after(run, part.step)


def _add_up(run, *, done=0, total=0, counts=None, step=None):
    """Add to the run's progress under its row lock, and return it as it now is."""
    found = getattr(run, "found", [])
    run = Run.objects.select_for_update().get(pk=run.pk)
    run.done += done
    run.total += total
    for name, count in {**(counts or {}), **({"problems": len(found)} if found else {})}.items():
        run.counts[name] = run.counts.get(name, 0) + count
    run.problems = [*run.problems, *found][:MOST_PROBLEMS]
    if step is not None:
        run.step = step
    run.save(update_fields=["done", "total", "counts", "problems", "step"])
    return run
