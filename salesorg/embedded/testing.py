"""script/test: pytest on servers made for this run and thrown away after it.

Not the servers of script/server with another database: these do not wait for the disk, and a test that kills a server
must not kill the one somebody works with.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from . import folders, servers
from .errors import StartError
from .folders import ROOT, VAR
from .processes import in_terminal

# A developer's own settings must not change what the tests see, nor make each process of the run compile all of them again.
OURS = ("ALLOWED_HOSTS", "BASE_URL", "BEHIND_PROXY", "CSRF_TRUSTED_ORIGINS", "DEBUG", "EMAIL_URL", "FROM_EMAIL", "LANGUAGE_CODE",
        "LOG_LEVEL", "PYTHONDONTWRITEBYTECODE", "SECRET_KEY")  # fmt: skip
# One more than the two cores such machines have: tests with a browser or a killed server wait a good part of their time.
# What takes long by itself (nonsense for every address, every page in a browser, the storm of kills) is for .ci/run.
USUAL = ["-n", "3", "--dist", "worksteal", "-m", "not long"]


def main(arguments):
    folders.create()
    base = folders.private(VAR / "test" / str(os.getpid()))
    remove_abandoned(base.parent)
    started = servers.throwaway(base)
    try:
        started.start()
        environment = {key: value for key, value in os.environ.items() if key not in OURS}
        environment |= {"SECRET_KEY": "only for tests " * 4, "BASE_URL": "http://127.0.0.1:8000", **started.addresses}
        collect_static(environment)
        return in_terminal([sys.executable, "-m", "pytest", *(arguments or USUAL)], environment)
    finally:
        for server in started.embedded:
            server.stop_signal = signal.SIGQUIT if server.name == "PostgreSQL" else signal.SIGKILL  # nothing is to be kept
        started.stop()
        shutil.rmtree(base, ignore_errors=True)


def collect_static(environment):
    command = [sys.executable, "-m", "salesorg.embedded.first_steps", "--static-only"]
    if subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode:
        raise StartError("The tests could not be prepared; the reason is above.")


def remove_abandoned(folder):
    """Remove what runs that were killed have left behind."""
    for run in folder.iterdir():
        if run.name.isdigit() and not Path("/proc", run.name).exists():
            shutil.rmtree(run, ignore_errors=True)
