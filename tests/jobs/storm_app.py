"""The processes of the storm: the real worker and relay with a topic to work on, and writers that note what was acknowledged.

celery --app tests.jobs.storm_app worker
python -m tests.jobs.storm_app relay
python -m tests.jobs.storm_app write NAME FILE
"""

import os
import signal
import sys
import time
import uuid
from datetime import timedelta

import django

from salesorg.celery import app  # noqa: F401 (the worker's)

django.setup()

# ruff: noqa: E402 (models can be imported only now)
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, connection, transaction

from salesorg.jobs import outbox, relay

# The real 20 s would make a short storm a long test.
relay.SEND_AGAIN = timedelta(seconds=float(os.environ.get("STORM_SEND_AGAIN", "20")))

POISON_EVERY = 37  # writes: work that always fails
DEADLY = {40}  # writes of each writer: work that kills its worker
WORK_SECONDS = 0.01  # between the effect and its commit, so that kills find work in the middle
PAUSE = 0.1  # seconds between two writes


@outbox.handles("storm")
def take_effect(payload):
    """The effect has no constraint of its own: that it exists once is the outbox's doing alone."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO storm_effect (key) VALUES (%s)", [payload["key"]])
    time.sleep(WORK_SECONDS)
    if payload["kind"] == "poison":
        raise ValueError("poison")
    if payload["kind"] == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)


def write(name, path):
    """Write as fast as PAUSE allows; a key goes to the file only after its commit was acknowledged."""
    with open(path, "a", buffering=1) as acknowledged:
        number = 0
        while True:
            number += 1
            kind = "deadly" if number in DEADLY else "poison" if number % POISON_EVERY == 0 else "good"
            key = f"{name} {kind} {uuid.uuid4()}"
            try:
                with transaction.atomic():
                    with connection.cursor() as cursor:
                        cursor.execute("INSERT INTO storm_change (key) VALUES (%s)", [key])
                    outbox.publish("storm", {"key": key, "kind": kind}, key)
            except (DatabaseError, InterfaceError):
                connection.close()
                time.sleep(0.1)
            else:
                acknowledged.write(f"{key}\n")
                time.sleep(PAUSE)


if __name__ == "__main__":
    if sys.argv[1] == "relay":
        call_command("relay_outbox")
    else:
        write(*sys.argv[2:])
