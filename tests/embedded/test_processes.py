"""The supervisor's children: restarted when they die, stopped in order, gone when the supervisor is."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from salesorg.embedded.processes import Child, keep_running

ROOT = Path(__file__).resolve().parents[2]
# Starts a child that starts one of its own, tells both numbers, and waits to be killed.
SUPERVISOR = """
import sys, time
from pathlib import Path
from salesorg.embedded.processes import Child
child = Child("child", ["sleep", "600"], log=Path(sys.argv[1]))
child.start()
print(child.process.pid, flush=True)
time.sleep(600)
"""


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def gone(process):
    """Whether it has ended (a zombie waits only for its new parent to notice)."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def child(tmp_path):
    children = []

    def make(*command):
        children.append(Child("relay", command, log=tmp_path / "relay.log"))
        return children[-1]

    yield make
    for one in children:
        one.stop_seconds = 0
        one.stop()


def test_a_supervisor_killed_outright_leaves_nothing_running(tmp_path):
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, tmp_path / "log"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    child = int(supervisor.stdout.readline())
    assert not gone(child)
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()
    supervisor.stdout.close()
    wait_for(lambda: gone(child))


def test_who_dies_is_started_again_after_a_pause_and_it_is_said_why(child, monkeypatch):
    monkeypatch.setattr("salesorg.embedded.processes.LONGEST_PAUSE", 0.3)
    relay = child("/bin/sh", "-c", "echo the broker is away; exit 3")
    said = []
    relay.start()
    keep_running([relay], said.append, lambda: len(said) == 3)
    assert said[0].startswith("relay stopped (the broker is away); starting it again in")
    assert str(relay.log) in said[0]
    assert relay.failures == 3


def test_the_pauses_grow_and_end_at_half_a_minute(child):
    relay = child("/bin/false")
    pauses = []
    relay.start()
    relay.process.wait()
    while len(pauses) < 7:
        said = []
        keep_running([relay], said.append, lambda said=said: said)
        pauses.append(said[0].split(" in ")[1].split(" s.")[0])
        relay.restart_at = None  # as if the pause had passed and the start had failed
    assert pauses == ["1", "2", "4", "8", "16", "30", "30"]


def test_a_child_that_ignores_the_request_to_stop_is_ended_with_its_own_children(child):
    stubborn = child("/bin/sh", "-c", "trap '' TERM; sleep 600 & echo $!; wait; sleep 600")
    stubborn.stop_seconds = 0.2
    stubborn.start()
    wait_for(lambda: stubborn.log.read_text().strip())
    grandchild = int(stubborn.log.read_text())
    stubborn.stop()
    assert not stubborn.running()
    wait_for(lambda: gone(grandchild))


def test_a_second_ctrl_c_does_not_wait(child):
    stubborn = child("/bin/sh", "-c", "trap '' TERM; echo; while :; do sleep 1; done")
    stubborn.stop_seconds = 600
    stubborn.start()
    wait_for(stubborn.log.read_text)
    began = time.monotonic()
    stubborn.stop(hurry=lambda: True)
    assert time.monotonic() - began < 5


def test_ctrl_c_at_the_terminal_does_not_reach_the_children_out_of_order(child):
    relay = child("sleep", "600")
    relay.start()
    assert os.getpgid(relay.process.pid) != os.getpgid(os.getpid())


def test_a_log_that_has_grown_large_is_put_aside(child, monkeypatch):
    monkeypatch.setattr("salesorg.embedded.processes.LARGEST_LOG", 10)
    relay = child("/bin/echo", "new")
    relay.log.write_text("an old and very long line\n")
    relay.start()
    relay.process.wait()
    assert relay.log.read_text() == "new\n"
    assert relay.log.with_name("relay.log.1").read_text() == "an old and very long line\n"
