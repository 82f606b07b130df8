"""The outbox: work that follows from a change is written with the change, sent after it, and takes effect once.

A request never calls a worker. It writes a row in its own transaction (`publish`); the relay sends the row's id to
the broker (salesorg.jobs.relay); a worker does the work and marks the row done in one transaction (`perform`). Whoever
dies in between, the row stands and is sent again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from salesorg.lib.acting import acting, current
from salesorg.lib.db import try_lock

from .models import OutboxMessage

KEEP_DONE = timedelta(days=30)
PRUNE_AT_ONCE = 10_000  # rows; a longer delete would hold its locks for seconds
LONGEST_PROBLEM = 2000  # characters of an error kept on the row; the log has the whole of it

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Handler:
    """What a topic means. `parked` and `retried` are told, in one transaction with it, when the work is given up and resumed."""

    work: Callable
    parked: Callable | None = None
    retried: Callable | None = None


_handlers = {}


def handles(topic, *, parked=None, retried=None):
    """Decorator: the function is handed the payload of every message of `topic`, inside the transaction that marks it done.

    Whatever it writes through this database connection happens exactly once. It may be begun several times, so
    anything else it does (an e-mail, another service) may happen again.
    """

    def register(function):
        if topic in _handlers and _handlers[topic].work is not function:
            raise ValueError(f"Two functions want to handle “{topic}”.")
        _handlers[topic] = Handler(function, parked, retried)
        return function

    return register


def publish(topic, payload, key):
    """Have `topic` handled after this transaction commits. `key` is the business key: the same work is published once.

    Raises TransactionManagementError outside a transaction, where a crash between the change and this row would lose
    the work.
    """
    publish_many(topic, [(key, payload)])


def publish_many(topic, keyed_payloads):
    """`publish` for many (key, payload) pairs with one statement."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(f"“{topic}” must be published in the transaction of the change it follows.")
    who = current()
    rows = [
        OutboxMessage(topic=topic, payload=payload, key=key, actor_id=who and who.actor_id, context=who and who.context)
        for key, payload in keyed_payloads
    ]
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5000)


def to_do():
    """Messages that are neither done nor given up."""
    return OutboxMessage.objects.filter(done_at=None, parked_at=None)


def perform(pk):
    """Do the work of one message, once, whoever else is sent the same one. Returns the message when it was done here.

    The attempt is counted and committed before the work begins, so that work which kills its worker is counted too
    and is parked after OutboxMessage.MAX_ATTEMPTS instead of killing workers for ever.
    """
    # A lock of the session and not of a row, because it has to span the transaction that counts and the one that works:
    # five copies of one message, queued while no worker ran, must not count as five attempts.
    with try_lock(f"outbox {pk}") as mine:
        message = _begin(pk) if mine else None
        if message is None:
            return None
        # The request id of whoever caused it, so that one search of the logs finds the click and what followed.
        with structlog.contextvars.bound_contextvars(request_id=str(message.context), topic=message.topic, message=message.key):
            try:
                _work(message)
            except Exception as error:
                log.exception("outbox_attempt_failed", attempt=message.attempts)
                _failed(message, error)
                return None
            return message


def _begin(pk):
    """Count an attempt. None when there is nothing to do, or nothing more to try."""
    message = to_do().filter(pk=pk).first()
    if message is None:
        return None
    if message.attempts >= OutboxMessage.MAX_ATTEMPTS:
        _park(message, message.problem or _("The worker ended in the middle of it, each time."))
        return None
    OutboxMessage.objects.filter(pk=pk).update(attempts=F("attempts") + 1)
    message.attempts += 1
    return message


def _work(message):
    with transaction.atomic(), acting(message.actor_id, message.topic, message.context):
        with connection.cursor() as cursor:
            # A page's statement may take 30 s; a job's may take as long as the task itself.
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{settings.TASK_TIME_LIMIT}s"])
        # The relay passes over locked rows: work in progress is not sent again.
        OutboxMessage.objects.select_for_update().get(pk=message.pk)
        _handler(message.topic).work(message.payload)
        OutboxMessage.objects.filter(pk=message.pk).update(done_at=Now(), problem="")


def _handler(topic):
    try:
        return _handlers[topic]
    except KeyError:
        raise LookupError(f"No installed app handles “{topic}”.") from None


def _failed(message, error):
    problem = str(error) or type(error).__name__
    problem = problem.replace("\x00", "")[:LONGEST_PROBLEM]
    if message.attempts >= OutboxMessage.MAX_ATTEMPTS:
        _park(message, problem)
    else:
        OutboxMessage.objects.filter(pk=message.pk).update(problem=problem)


@transaction.atomic
def _park(message, problem):
    OutboxMessage.objects.filter(pk=message.pk).update(parked_at=Now(), problem=problem)
    handler = _handlers.get(message.topic)
    if handler and handler.parked:
        with acting(message.actor_id, message.topic, message.context):
            handler.parked(message.payload, problem)


@transaction.atomic
def retry(*, pk):
    """Give a parked message its attempts again. Returns whether it was parked."""
    message = OutboxMessage.objects.select_for_update().filter(pk=pk, parked_at__isnull=False).first()
    if message is None:
        return False
    OutboxMessage.objects.filter(pk=pk).update(parked_at=None, sent_at=None, attempts=0, problem="")
    handler = _handlers.get(message.topic)
    if handler and handler.retried:
        handler.retried(message.payload)
    return True


def prune(*, now):
    """Remove what was done KEEP_DONE ago. Returns how many rows went; the oldest first, so the primary key finds them."""
    old = OutboxMessage.objects.filter(done_at__lt=now - KEEP_DONE).order_by("pk").values("pk")[:PRUNE_AT_ONCE]
    return OutboxMessage.objects.filter(pk__in=old).delete()[0]
