"""The two servers together, each embedded unless the environment names another, and the lock around them."""

import fcntl
import json
import os
import time
from contextlib import contextmanager, suppress

from . import folders
from .folders import ENVIRONMENT, LOGS, RUN, VAR
from .postgres import THROWAWAY, Postgres
from .valkey import Valkey

ADDRESSES = ("DATABASE_URL", "REDIS_URL")
PUBLISHED = ("SECRET_KEY", *ADDRESSES, "BASE_URL")


class Servers:
    """PostgreSQL and Valkey. `addresses` holds DATABASE_URL and REDIS_URL, whoever runs them."""

    def __init__(self, embedded, addresses):
        self.embedded = embedded
        self.addresses = addresses

    def start(self):
        if self.embedded:
            folders.check_room()
        for server in self.embedded:
            server.start()
        for server in self.embedded:
            server.wait_until_ready()

    def stop(self, hurry=lambda: False):
        for server in reversed(self.embedded):
            server.stop(hurry)


def lasting():
    """The servers of script/server, with their data in var/."""
    postgres = {"data": VAR / "postgres", "run": RUN, "log": LOGS / "postgres.log"}
    valkey = {"data": VAR / "valkey", "run": RUN, "log": LOGS / "valkey.log"}
    return choose(postgres, valkey)


def throwaway(base):
    """Servers for one run of the tests, below `base`, quick because nothing in them has to last."""
    postgres = {"data": base / "postgres", "run": base, "log": base / "postgres.log", "settings": THROWAWAY}
    valkey = {"data": base / "valkey", "run": base, "log": base / "valkey.log"}
    return choose(postgres, valkey)


def choose(postgres, valkey):
    embedded, addresses = [], {}
    for key, make in (
        ("DATABASE_URL", lambda: Postgres(password=folders.secret("postgres_password"), **postgres)),
        ("REDIS_URL", lambda: Valkey(**valkey)),
    ):
        if address := os.environ.get(key):
            addresses[key] = address
        else:
            embedded.append(server := make())
            addresses[key] = server.url
    return Servers(embedded, addresses)


def secret_key():
    """The environment's, or a lasting one of this folder: signed cookies must survive a restart."""
    return os.environ.get("SECRET_KEY") or folders.secret("secret_key")


@contextmanager
def published(values):
    """While it lasts, var/run/environment tells every manage.py of this folder where the servers are."""
    lines = "".join(f"{key}='{value}'\n" for key, value in values.items())
    folders.write_private(ENVIRONMENT, lines)
    try:
        yield
    finally:
        ENVIRONMENT.unlink(missing_ok=True)


class Lock:
    """Held by whoever runs the servers of this folder. The kernel drops it with its process, so it is never stale."""

    def __init__(self):
        self.file = open(RUN / "lock", "a+")  # noqa: SIM115  held for as long as we live

    def take(self, wait=False):
        """Whether the lock is now ours."""
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        self.tell(command="starting", process=os.getpid())
        return True

    def tell(self, **facts):
        """Say who we are to those that find the lock taken."""
        self.file.seek(0)
        self.file.truncate()
        self.file.write(json.dumps(facts))
        self.file.flush()

    def wait_a_moment(self):
        self.file.close()
        time.sleep(0.2)

    def holder(self):
        """What the holder told, {} when it has not yet."""
        self.file.seek(0)
        with suppress(ValueError):
            return json.loads(self.file.read())
        return {}


@contextmanager
def in_use():
    """Marks the servers as used by a command, so that the command that started them waits for this one."""
    with open(RUN / "users", "a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextmanager
def unused():
    """Waits until no command uses the servers, and keeps new ones waiting meanwhile."""
    with open(RUN / "users", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
