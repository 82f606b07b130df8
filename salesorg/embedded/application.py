"""Salesorg's own processes: web, worker, beat and the outbox relay."""

import signal
import sys
from pathlib import Path

from .folders import LOGS
from .processes import Child

BIN = Path(sys.executable).parent  # the scripts of the environment we run in, activated or not


def processes(environment, listener):
    """The four, in the order of their start. `listener` is the open socket the web answers on: it stays open while the web
    is restarted, so that a request waits instead of failing."""
    web = child("web", BIN / "gunicorn", "--bind", f"fd://{listener.fileno()}", "salesorg.wsgi", environment=environment)
    web.options["pass_fds"] = (listener.fileno(),)
    web.stop_seconds = 12  # a little more than gunicorn's graceful_timeout

    worker = child(
        "worker", sys.executable, "-m", "celery", "--app", "salesorg", "worker",
        "--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle", "--pool", "prefork",
        environment=environment,
    )  # fmt: skip
    # A task in progress may finish; one that is cut off is given out again and takes effect once.
    worker.stop_seconds = 15
    # Cold shutdown: SIGTERM would wait for tasks whose servers have gone.
    worker.death_signal = signal.SIGQUIT

    # The schedule lives in memory: beat only ticks, and a schedule file damaged by a kill would block its start.
    beat = child(
        "beat", sys.executable, "-m", "celery", "--app", "salesorg", "beat", "--scheduler", "celery.beat:Scheduler",
        "--pidfile", "", "--loglevel", "INFO", environment=environment,
    )  # fmt: skip
    relay = child("relay", sys.executable, "manage.py", "relay_outbox", environment=environment)
    return [web, worker, beat, relay]


def child(name, *command, environment):
    return Child(name, command, log=LOGS / f"{name}.log", environment=environment)


def stop_order(children):
    """Who takes work in first: web and beat, then the relay, then the worker."""
    order = ["web", "beat", "relay", "worker"]
    return sorted(children, key=lambda process: order.index(process.name))
