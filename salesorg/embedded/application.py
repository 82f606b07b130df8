"""Salesorg's own processes, as the Procfile names them: web, worker, beat and the outbox relay."""

import shlex
import signal
import sys
from pathlib import Path

from .folders import LOGS, ROOT
from .processes import Child

BIN = Path(sys.executable).parent  # the scripts of the environment we run in, activated or not
# Who takes work in stops first, who does it last.
STOP_ORDER = ("web", "beat", "relay", "worker")
# Seconds for a request or task in progress to end. A task that is cut off is given out again and takes effect once.
STOP_SECONDS = {"web": 12, "worker": 15, "beat": 5, "relay": 5}


def processes(environment, listener):
    """The four, in the order of the Procfile. The web answers on `listener`, an open socket that outlives its restarts: a
    request then waits instead of failing."""
    found = []
    for line in (ROOT / "Procfile").read_text().splitlines():
        name, _, command = line.partition(": ")
        program, *arguments = shlex.split(command)
        # Not by the script's own first line: it names the folder .venv was made in, which may have moved since.
        command = [sys.executable, *([] if program == "python" else [BIN / program]), *arguments]
        process = Child(name, command, log=LOGS / f"{name}.log", environment=environment)
        process.stop_seconds = STOP_SECONDS[name]
        if name == "web":
            process.command += ["--bind", f"fd://{listener.fileno()}"]
            process.options["pass_fds"] = (listener.fileno(),)
        if name == "worker":
            # At once, and its pool with it (salesorg.celery): on SIGTERM it would wait for tasks whose servers have gone,
            # and SIGQUIT is lost while it starts.
            process.death_signal = signal.SIGKILL
        found.append(process)
    return found


def stop_order(children):
    return sorted(children, key=lambda child: STOP_ORDER.index(child.name))
