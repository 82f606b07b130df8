"""script/server as a person uses it, in a copy of the project: started, met twice, killed, started again, stopped."""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns(".git", "var", ".venv", "node_modules", "__pycache__", ".*_cache", "tests", "docs")

SERVING = {"database": "ok", "migrations": "ok", "broker": "ok"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The project in a folder of its own, whose name would break a careless script, with this one's installed packages."""
    folder = tmp_path_factory.mktemp("it's a") / "copy of it"
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    for installed in (".venv", "node_modules"):
        (folder / installed).symlink_to(ROOT / installed)
    return folder


def environment():
    """Without the addresses of the servers these tests themselves run on."""
    return {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "BASE_URL"}}


def module(*arguments):
    """What the script runs once everything is installed, which it is."""
    return [ROOT / ".venv" / "bin" / "python", "-m", "salesorg.embedded", *arguments]


@contextmanager
def server(copy):
    """script/server until it says `Ready`; what it said so far is in `.said`."""
    command = module("server", "--empty")
    process = subprocess.Popen(command, cwd=copy, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    process.said = []
    try:
        for line in process.stdout:
            process.said.append(line)
            if line.startswith("Logs:"):
                break
        ready = [line.split()[1] for line in process.said if line.startswith("Ready: ")]
        assert ready, "".join(process.said)
        process.address = ready[0]
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=60)
        process.stdout.close()


def left_running(copy):
    """Processes whose working folder is in the copy: all that script/server starts, and nothing else."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (
                entry.joinpath("cwd").readlink().is_relative_to(copy)
                and "Z" not in entry.joinpath("stat").read_text().rpartition(")")[2]
            ):
                found.append(entry.joinpath("cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def readyz(address):
    with urllib.request.urlopen(f"{address}/readyz", timeout=10) as answer:
        return json.load(answer)


@pytest.mark.long
def test_it_starts_answers_is_met_twice_killed_started_again_and_stopped(copy):
    with server(copy) as first:
        assert readyz(first.address).items() >= SERVING.items()

        again = subprocess.run(module("server"), cwd=copy, env=environment(), capture_output=True, text=True, check=False)
        assert again.returncode == 1
        assert again.stderr == f"Salesorg is already running at {first.address} (process {first.pid}). Stop that one first.\n"

        # A command finds the running servers; nothing is exported here.
        counted = subprocess.run(
            module(
                "manage",
                "shell",
                "--no-imports",
                "-c",
                "from salesorg.people.models import User; print(User._base_manager.count())",
            ),
            cwd=copy,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert counted.stdout == "0\n", counted.stderr

        first.send_signal(signal.SIGKILL)
        first.wait()

    # Started at once, while the servers of the killed one are still ending.
    with server(copy) as second:
        assert readyz(second.address).items() >= SERVING.items()
        assert "migrations" not in "".join(second.said)
        assert "static files" not in "".join(second.said)

        second.send_signal(signal.SIGINT)
        rest = second.communicate(timeout=60)[0]
        assert second.returncode == 0
        assert rest == "Stopping …\nStopped.\n"

    deadline = time.monotonic() + 5
    while (left := left_running(copy)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []
    assert not (copy / "var" / "run" / "environment").exists()
