"""Sends waiting messages of the outbox to the broker until it is told to stop. Any number of relays may run."""

import signal
import threading

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections
from kombu.exceptions import OperationalError
from redis import RedisError

from salesorg.jobs.relay import send_waiting
from salesorg.jobs.tasks import queued, send

PAUSE = 0.2  # seconds between two looks, the most that a message waits; a look at an empty index costs next to nothing
PAUSE_WHEN_DOWN = 1  # seconds

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options):
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        down = False
        while not stop.is_set():
            close_old_connections()  # also forgets one that the database has ended
            try:
                sent = send_waiting(send, queued)
            except (DatabaseError, OperationalError, RedisError, OSError) as problem:
                # A database or broker that is down delays the work and loses none: say so once, and look again.
                if not down:
                    log.warning("relay_waits", problem=str(problem).strip())
                down = True
                stop.wait(PAUSE_WHEN_DOWN)
            else:
                if down:
                    log.info("relay_goes_on")
                down = False
                if not sent:
                    stop.wait(PAUSE)
