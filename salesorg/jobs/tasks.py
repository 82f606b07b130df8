"""What runs in a worker: one message of the outbox, and the ticks of beat."""

from functools import cache

import redis
import structlog
from celery import current_app, shared_task
from django.conf import settings
from django.utils import timezone

from salesorg.lib.stack import with_room

from . import outbox, relay, runs

log = structlog.get_logger(__name__)


@shared_task
def perform_message(pk):
    if done := with_room(outbox.perform)(pk):
        log.info("outbox_done", topic=done.topic, message=done.key, attempt=done.attempts, request_id=str(done.context))


def send(pk):
    """Hand one message's id to the broker. Never retried here: the relay sends it again."""
    perform_message.apply_async([pk], retry=False)


def queued():
    """How many messages wait with the broker."""
    return _broker().llen(current_app.conf.task_default_queue)


@cache
def _broker():
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5)


@shared_task
def sweep_outbox():
    """The relay's work once more, so that a machine without a living relay is slow and not stuck."""
    relay.send_waiting(send, queued)


@shared_task
def start_due_jobs():
    runs.start_due(now=timezone.now())
    runs.resume_stuck()


@shared_task
def prune_outbox():
    outbox.prune(now=timezone.now())
