"""A child process that is logged, restarted, stopped in order, and never outlives us."""

import os
import signal
import subprocess
import time
from contextlib import suppress

from .errors import StartError
from .folders import ROOT
from .identity import ORDINARY, libc

PR_SET_PDEATHSIG = 1
LARGEST_LOG = 10 * 1024 * 1024  # bytes; then the file is put aside as .1
LONGEST_PAUSE = 30  # seconds between restarts
LEFTOVER_SECONDS = 20
STEADY = 60  # seconds; who ran this long starts with the shortest pause again


class Child:
    """One process. `before_start` and `wait_until_ready` are for those that need more than a command line."""

    stop_signal = signal.SIGTERM
    stop_seconds = 10
    # What the kernel sends when the supervisor is gone, however it went.
    death_signal = signal.SIGTERM
    identity = ORDINARY

    def __init__(self, name, command, *, log, environment=None, **options):
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self.options = {"cwd": ROOT, "env": environment} | options  # for Popen
        self.process = None
        self.started = 0.0
        self.asked = False
        self.failures = 0
        self.restart_at = None

    def before_start(self):
        """What must be in order before every start."""

    def wait_until_ready(self):
        """Return when it answers; raise StartError when it will not."""

    def start(self):
        self.before_start()
        self.restart_at = None
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > LARGEST_LOG:
                self.log.replace(self.log.with_name(f"{self.log.name}.1"))
        with open(self.log, "ab") as log:
            self.log_start = log.tell()
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C reaches every process of the terminal's group; a child must wait for its turn.
                start_new_session=True,
                preexec_fn=dies_with_parent(self.death_signal, self.identity),
                **self.options,
            )
        self.started = time.monotonic()
        self.asked = False

    def running(self):
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self):
        if self.running() and not self.asked:
            self.asked = True  # once: a second request tells some programs to drop what they are doing
            self.process.send_signal(self.stop_signal)

    def stop(self, hurry=lambda: False):
        """Ask it to end, insist after `stop_seconds` (or at once when `hurry()`), and take its own children along."""
        if self.process is None:
            return
        if self.running():
            self.ask_to_stop()
            deadline = time.monotonic() + self.stop_seconds
            while self.running() and time.monotonic() < deadline and not hurry():
                time.sleep(0.02)
        self.sweep()
        self.process.wait()

    def sweep(self):
        """End what is left of its process group: a pool's children outlive a killed parent."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def last_words(self):
        """The last line it wrote since its start, for the message that says it stopped."""
        with suppress(OSError), open(self.log, "rb") as log:
            log.seek(max(self.log_start, os.path.getsize(self.log) - 4000))
            lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]
            if lines:
                return lines[-1][:300]
        return f"it ended with code {self.process.returncode}"

    def died_while_starting(self):
        return StartError(f"{self.name} did not start: {self.last_words()} (more in {self.log})")


def dies_with_parent(death_signal, identity=ORDINARY):
    """For Popen's preexec_fn: change identity, then ask the kernel for `death_signal` when this process ends."""
    parent = os.getpid()

    def in_child():
        identity.enter()
        die_with_parent(death_signal)  # after the change of identity, which clears it
        if os.getppid() != parent:  # the supervisor died between fork and here
            os._exit(1)

    return in_child


def die_with_parent(death_signal=signal.SIGKILL):
    """Ask the kernel to send this process `death_signal` when its parent ends, however that ends."""
    libc.prctl(PR_SET_PDEATHSIG, death_signal)


def leftovers(folder, program):
    """Ids of processes that run `program` inside `folder`: both servers, and their children, work inside their data folder."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with suppress(OSError):  # gone meanwhile, or somebody else's
                runs = os.path.basename(os.readlink(f"/proc/{entry}/exe")).removesuffix(" (deleted)")
                if runs == program and os.path.samefile(f"/proc/{entry}/cwd", folder):
                    found.append(int(entry))
    return found


def end_leftovers(folder, program, seconds=LEFTOVER_SECONDS):
    """Wait for the processes of a killed start, which are ending by themselves; then end them. The caller holds the lock."""
    for insist in (signal.SIGQUIT, signal.SIGKILL, None):
        deadline = time.monotonic() + seconds
        while remaining := leftovers(folder, program):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return
        for process in remaining if insist else ():
            with suppress(ProcessLookupError):
                os.kill(process, insist)
    raise StartError(f"Processes of an earlier start still hold {folder}: {', '.join(map(str, remaining))}.")


def in_terminal(command, environment):
    """Run `command` in our place at the terminal and return its exit code. Ctrl-C reaches it as it reaches us: we stay, to
    stop in order what we started."""
    signal.signal(signal.SIGINT, lambda *_: None)
    process = subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=dies_with_parent(signal.SIGTERM))
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    code = process.wait()
    return code if code >= 0 else 128 - code


def keep_running(children, say, stopping):
    """Restart whoever dies, with growing pauses, until `stopping()`."""
    while not stopping():
        for child in children:
            if child.running():
                if child.failures and time.monotonic() - child.started > STEADY:
                    child.failures = 0
            elif child.restart_at is None:
                child.sweep()
                pause = min(2**child.failures, LONGEST_PAUSE)
                child.failures += 1
                child.restart_at = time.monotonic() + pause
                say(f"{child.name} stopped ({child.last_words()}); starting it again in {pause} s. Log: {child.log}")
            elif time.monotonic() >= child.restart_at:
                try:
                    child.start()
                except (StartError, OSError) as problem:
                    child.restart_at = time.monotonic() + LONGEST_PAUSE
                    say(f"{child.name} could not be started: {problem}. Trying again in {LONGEST_PAUSE} s.")
        time.sleep(0.2)
