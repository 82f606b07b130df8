"""A storm of kills over real servers: PostgreSQL, Valkey, a worker, the relay, and writers that count on them.

For longer than the test's few seconds, and with the real waiting times:

    STORM_SECONDS=90 STORM_SEND_AGAIN=20 script/test tests/jobs/test_kills.py -s
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from salesorg.embedded.folders import ROOT, private
from salesorg.embedded.postgres import Postgres
from salesorg.embedded.processes import Child
from salesorg.embedded.valkey import Valkey

# Killed processes lose nothing that was handed to the kernel, so the disk need not be waited for; but a commit must be
# handed over before it is acknowledged.
SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on"}
TABLES = "CREATE TABLE storm_change (key text PRIMARY KEY); CREATE TABLE storm_effect (key text NOT NULL)"
WRITERS = 2


@dataclass
class Report:
    """What the storm found when everything had come to rest."""

    acknowledged: int = 0
    written: int = 0
    lost: set = field(default_factory=set)  # acknowledged or written, without their effect
    repeated: set = field(default_factory=set)  # effects that happened more than once
    unfounded: set = field(default_factory=set)  # effects without their change
    parked_wrongly: set = field(default_factory=set)
    not_parked: set = field(default_factory=set)  # poison that was not given up
    waiting: int = 0
    kills: Counter = field(default_factory=Counter)
    settled_in: float = 0.0

    def __str__(self):
        facts = {name: len(value) if isinstance(value, set) else value for name, value in vars(self).items()}
        return ", ".join(f"{name} {value}" for name, value in (facts | {"kills": self.kills.total()}).items())


class Storm:
    """Use as a context: the servers and processes end with it."""

    def __init__(self, base, seed):
        self.base = private(Path(base))
        self.chance = random.Random(seed)
        self.kills = Counter()
        self.postgres = Postgres(
            data=self.base / "postgres", run=self.base, log=self.base / "postgres.log", password="storm", settings=SETTINGS
        )
        self.valkey = Valkey(data=self.base / "valkey", run=self.base, log=self.base / "valkey.log")
        self.environment = {
            **os.environ,
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "SECRET_KEY": "only for the storm " * 3,
            "STORM_SEND_AGAIN": os.environ.get("STORM_SEND_AGAIN", "1"),
        }
        module = (sys.executable, "-m", "tests.jobs.storm_app")
        worker = (sys.executable, "-m", "celery", "--app", "tests.jobs.storm_app", "worker", "--concurrency", "2")
        self.worker = self.child("worker", *worker, "--without-gossip", "--without-mingle", "--loglevel", "INFO")
        self.relay = self.child("relay", *module, "relay")
        self.writers = [
            self.child(f"writer{number}", *module, "write", f"w{number}", self.base / "acknowledged") for number in range(WRITERS)
        ]

    def child(self, name, *command):
        child = Child(name, command, log=self.base / f"{name}.log", environment=self.environment)
        child.death_signal = signal.SIGKILL
        return child

    def __enter__(self):
        try:
            for server in (self.postgres, self.valkey):
                server.start()
                server.wait_until_ready()
            migrate = [sys.executable, "manage.py", "migrate", "jobs", "--skip-checks", "--verbosity", "0"]
            subprocess.run(migrate, cwd=ROOT, env=self.environment, check=True, stdin=subprocess.DEVNULL)
            self.query(TABLES)
            for child in (self.worker, self.relay, *self.writers):
                child.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *problem):
        for child in (*self.writers, self.relay, self.worker, self.valkey, self.postgres):
            child.stop_signal = signal.SIGQUIT if child is self.postgres else signal.SIGKILL
            child.stop()

    def query(self, sql):
        with closing(psycopg2.connect(self.postgres.url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else None

    # ── the kills ──

    def rage(self, seconds, pause=(0.3, 1.2)):
        """Kill for so long, and have everything running again when it is over."""
        self.wait_for(lambda: self.query("SELECT count(*) > 20 FROM storm_effect")[0][0], 60, "work never began")
        deadline = time.monotonic() + seconds
        blows = [self.kill_worker, self.kill_pool_child, self.kill_relay, self.kill_writer]
        blows += [self.kill_broker, self.lose_broker, self.kill_database, self.stop_database_at_once]
        while time.monotonic() < deadline:
            # Every kind in turn, in an order of chance: a short storm must not spare one of them.
            for blow in self.chance.sample(blows, len(blows)):
                time.sleep(self.chance.uniform(*pause))
                self.revive(self.relay, self.worker, *self.writers)
                blow()
                self.kills[blow.__name__.replace("_", " ")] += 1

    def revive(self, *children):
        """What the supervisor does: a worker whose child is killed while it starts, for one, ends by itself."""
        for child in children:
            if not child.running():
                child.sweep()
                child.start()

    def kill(self, child, number=signal.SIGKILL):
        os.kill(child.process.pid, number)
        child.process.wait()

    def kill_worker(self):
        """The worker and, as the kernel's killer of memory hogs may do, not its children; their supervisor sweeps them up."""
        self.kill(self.worker)
        self.worker.sweep()
        self.worker.start()

    def kill_pool_child(self):
        children = Path(f"/proc/{self.worker.process.pid}/task/{self.worker.process.pid}/children").read_text().split()
        if children:
            with suppress(ProcessLookupError):
                os.kill(int(self.chance.choice(children)), signal.SIGKILL)

    def kill_relay(self):
        self.kill(self.relay)
        self.relay.start()

    def kill_writer(self):
        writer = self.chance.choice(self.writers)
        self.kill(writer)
        writer.start()

    def kill_broker(self):
        self.kill(self.valkey)
        self.valkey.start()

    def lose_broker(self):
        """The broker, and all that it knew."""
        self.kill(self.valkey)
        shutil.rmtree(self.base / "valkey")
        self.valkey.start()

    def kill_database(self):
        self.kill(self.postgres)
        self.restart_database()

    def stop_database_at_once(self):
        self.kill(self.postgres, signal.SIGQUIT)
        self.restart_database()

    def restart_database(self):
        time.sleep(self.chance.uniform(0, 0.5))
        self.postgres.start()
        self.postgres.wait_until_ready()

    # ── afterwards ──

    def settle(self, within):
        """Stop the writers, wait until nothing is left to do, and compare what was promised with what is there."""
        for writer in self.writers:
            writer.stop_signal = signal.SIGKILL
            writer.stop()
        started = time.monotonic()
        with suppress(TimeoutError):
            self.wait_for(self.at_rest, within, "work is left")
        return self.report(time.monotonic() - started)

    def at_rest(self):
        self.revive(self.relay, self.worker)
        return self.waiting() == 0

    def waiting(self):
        return self.query("SELECT count(*) FROM jobs_outboxmessage WHERE done_at IS NULL AND parked_at IS NULL")[0][0]

    def report(self, settled_in):
        acknowledged = set((self.base / "acknowledged").read_text().split("\n")) - {""}
        acknowledged = {key for key in acknowledged if len(key.split()) == 3}
        written = {key for (key,) in self.query("SELECT key FROM storm_change")}
        effects = Counter(key for (key,) in self.query("SELECT key FROM storm_effect"))
        parked = {key for (key,) in self.query("SELECT key FROM jobs_outboxmessage WHERE parked_at IS NOT NULL")}
        hopeless = {key for key in written if key.split()[1] != "good"}
        return Report(
            acknowledged=len(acknowledged),
            written=len(written),
            lost=(acknowledged | written) - hopeless - set(effects),
            repeated={key for key, count in effects.items() if count > 1},
            unfounded=set(effects) - written,
            parked_wrongly=parked - hopeless,
            not_parked=hopeless - parked,
            waiting=self.waiting(),
            kills=self.kills,
            settled_in=round(settled_in, 1),
        )

    def wait_for(self, condition, seconds, words):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(words)
            time.sleep(0.2)
