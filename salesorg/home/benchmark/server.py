"""A web server as in production, for the time of a measurement."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection

from django.conf import settings

from salesorg.lib.errors import DomainError

START_SECONDS = 40


@contextmanager
def web_server(workers):
    """Gunicorn with `workers` processes on a free port of the loopback; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}", "--workers", str(workers)]
        process = subprocess.Popen(
            [*command, "--log-level", "warning", "salesorg.wsgi"],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DEBUG": "false", "LOG_LEVEL": "WARNING", "BASE_URL": f"http://127.0.0.1:{port}"},
            pass_fds=[listener.fileno()],
        )
        try:
            _wait(process, port)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=START_SECONDS)


def _wait(process, port):
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise DomainError("The web server did not start; its reason is above.")
