"""script/server: everything on this machine, in order, until it is told to stop."""

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress

from . import folders, servers
from .application import processes, stop_order
from .errors import StartError, say
from .folders import LOGS, ROOT
from .processes import dies_with_parent, keep_running

PORT = 8000
PORTS_TRIED = 20
SLOW_SECONDS = 60  # then say what is not ready yet


class Stop(BaseException):
    """Raised by Ctrl-C and the like, wherever we are."""


class Signals:
    """The first signal stops in order; a second one, while stopping, at once."""

    def __init__(self):
        self.stopping = False
        self.hurry = False
        # SIGINT too where a script started us with &, which means it to be ignored: nobody could interrupt us then.
        signal.signal(signal.SIGINT, self.receive)
        signal.signal(signal.SIGTERM, self.receive)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup means it
            signal.signal(signal.SIGHUP, self.receive)

    def receive(self, *_):
        if self.stopping:
            self.hurry = True
        else:
            self.stopping = True
            raise Stop


def main(arguments):
    options = parse(arguments)
    signals = Signals()
    children, started = [], None
    try:
        with ExitStack() as stack:
            folders.create()
            lock = take_lock()
            listener = stack.enter_context(listen(options.port))
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            lock.tell(command="script/server", process=os.getpid(), address=address)
            started = servers.lasting()
            started.start()
            environment = application_environment(started.addresses, address)
            stack.enter_context(servers.published({key: environment[key] for key in servers.PUBLISHED}))
            sign_ins = first_steps(environment, options.demo)
            children = processes(environment, listener)
            web = next(child for child in children if child.name == "web")
            web.start()  # before the others: they would share the processor and be a second later each
            wait_until_ready(environment["BASE_URL"], listener.getsockname()[1], [*started.embedded, web])
            for child in children:
                if child is not web:
                    child.start()
            say(f"Ready: {address}\n{sign_ins}Logs: {LOGS.relative_to(ROOT)}/   Stop with Ctrl-C")
            keep_running([*started.embedded, *children], say, lambda: signals.stopping)
    except Stop:
        say("Stopping …")
    finally:
        signals.stopping = True
        for child in stop_order(children):
            child.ask_to_stop()  # all of them, then wait: an idle worker alone takes up to 5 s to notice
        for child in stop_order(children):
            child.stop(lambda: signals.hurry)
        if started:
            started.stop(lambda: signals.hurry)
    say("Stopped.")
    return 0


def parse(arguments):
    parser = argparse.ArgumentParser(prog="script/server", description="Starts Salesorg on this machine.")
    parser.add_argument("--port", type=port, help=f"the port to answer on (default: {PORT}, or the next free one)")
    demo = parser.add_mutually_exclusive_group()
    demo.add_argument("--demo", dest="demo", action="store_const", const="yes", help="load the demo data (default when empty)")
    demo.add_argument("--empty", dest="demo", action="store_const", const="no", help="load nothing into an empty database")
    parser.set_defaults(demo="if-empty")
    return parser.parse_args(arguments)


def port(text):
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def take_lock():
    lock = servers.Lock()
    if not lock.take():
        holder = lock.holder()
        if address := holder.get("address"):
            raise StartError(f"Salesorg is already running at {address} (process {holder['process']}). Stop that one first.")
        say(f"Waiting for {holder.get('command', 'another command')} (process {holder.get('process', '?')}) to finish …")
        lock.take(wait=True)
    return lock


def listen(wanted):
    """An open socket on the loopback: on the port asked for, or else on the first free one from PORT."""
    for number in [wanted] if wanted else range(PORT, PORT + PORTS_TRIED):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # else a stopped server blocks its port for a minute
        try:
            listener.bind(("127.0.0.1", number))
            listener.listen(128)
            return listener
        except PermissionError:
            listener.close()
            raise StartError(f"Port {number} is for the administrator only; choose one above 1023.") from None
        except OSError:
            listener.close()
            if wanted:
                raise StartError(f"Port {number} is in use. Choose another with --port.") from None
            say(f"Port {number} is in use, trying {number + 1}.")
    raise StartError(f"Ports {PORT} to {PORT + PORTS_TRIED - 1} are all in use. Choose another with --port.")


def application_environment(addresses, address):
    return {
        "BASE_URL": address,
        **os.environ,
        **addresses,
        "SECRET_KEY": servers.secret_key(),
    }


def first_steps(environment, demo):
    """Tables, static files and demo data. Returns what to print after `Ready`."""
    result = subprocess.run(
        [sys.executable, "-m", "salesorg.embedded.first_steps", "--demo", demo],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=dies_with_parent(signal.SIGTERM),
        check=False,
    )
    if result.returncode:
        raise StartError("Salesorg could not be made ready; the reason is above.")
    return result.stdout


def wait_until_ready(base_url, number, children):
    """Return when /readyz is green. Raises StartError when one of `children` dies meanwhile."""
    host = base_url.partition("://")[2].partition("/")[0]  # a name of ALLOWED_HOSTS
    slow_at = time.monotonic() + SLOW_SECONDS
    while True:
        for child in children:
            if not child.running():
                raise child.died_while_starting()
        status, answer = ask(number, host)
        if status == http.client.OK:
            return
        if time.monotonic() > slow_at:
            say(f"Not ready yet: {answer}")
            slow_at += SLOW_SECONDS
        time.sleep(0.1)


def ask(number, host):
    """The status and the words of /readyz, (None, why) when it does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", number, timeout=10)
    with suppress(OSError, http.client.HTTPException):
        try:
            connection.request("GET", "/readyz", headers={"Host": host})
            response = connection.getresponse()
            body = response.read().decode(errors="replace")
            with suppress(ValueError):
                body = json.dumps(json.loads(body))
            return response.status, body[:500]
        finally:
            connection.close()
    return None, "the web does not answer"
