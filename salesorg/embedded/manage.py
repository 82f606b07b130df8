"""script/manage: a manage.py command on the servers of script/server, started for its duration when they do not run."""

import os
import sys

from . import folders, servers
from .errors import say
from .folders import ENVIRONMENT, RUN
from .postgres import binaries
from .processes import in_terminal


def main(arguments):
    folders.create()
    if all(os.environ.get(key) for key in servers.ADDRESSES):
        return run(arguments, {"SECRET_KEY": servers.secret_key()})
    waited = False
    while True:
        lock = servers.Lock()
        if lock.take():
            return run_with_own_servers(arguments, lock)
        with servers.in_use():
            if ENVIRONMENT.exists():
                return run(arguments, {})
        if not waited and (waited := True):
            say(f"Waiting for the servers of process {lock.holder().get('process', '?')} …")
        lock.wait_a_moment()


def run_with_own_servers(arguments, lock):
    lock.tell(command=f"script/manage {' '.join(arguments[:1])}", process=os.getpid())
    started = servers.lasting()
    try:
        started.start()
        values = {"SECRET_KEY": servers.secret_key(), **started.addresses}
        with servers.published(values):
            return run(arguments, values)
    finally:
        with servers.unused():  # another command may have found our servers and still work on them
            started.stop()


def run(arguments, values):
    """The command's exit code. It shares our terminal, and finds PostgreSQL's own tools as the embedded server's."""
    environment = os.environ | values
    environment["PATH"] = f"{environment.get('PATH', os.defpath)}{os.pathsep}{binaries()}"
    if "DATABASE_URL" not in os.environ:
        environment["PGHOST"] = str(folders.sockets(RUN, "postgres"))  # for dbshell
    return in_terminal([sys.executable, "manage.py", *arguments], environment)
