"""The relay: sends the ids of waiting messages to the broker, again and again until they are done."""

from datetime import timedelta

from django.db import connection

from .models import OutboxMessage

SEND_AGAIN = timedelta(seconds=20)
# At most this many wait with the broker; the rest waits in PostgreSQL, where waiting costs nothing. Without it a long
# backlog would be sent again every 20 s, and the copies would outgrow the work.
WINDOW = 100

# In the order of the index: what was sent too long ago first, then what was never sent. Locked rows are being worked on,
# or claimed by another relay. Chosen once, in a step of its own: a subquery may be run again for every row it is compared
# with, and each run would take as many more.
CLAIM = """
WITH waiting AS MATERIALIZED (
    SELECT id FROM jobs_outboxmessage
    WHERE done_at IS NULL AND parked_at IS NULL AND (sent_at IS NULL OR sent_at < clock_timestamp() - %(again)s)
    ORDER BY sent_at, id
    LIMIT %(room)s
    FOR UPDATE SKIP LOCKED
)
UPDATE jobs_outboxmessage SET sent_at = clock_timestamp() FROM waiting WHERE jobs_outboxmessage.id = waiting.id
RETURNING jobs_outboxmessage.id
"""


def send_waiting(send, queued):
    """Claim what waits, call `send(id)` for each, and return how many were sent. `queued()` is how many the broker holds.

    Committed as sent before it is sent, since a worker may be quicker than our commit. When the broker is down the
    rest is given back; when we are killed here, it is sent again after SEND_AGAIN.
    """
    room = WINDOW - queued()
    if room <= 0:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"again": SEND_AGAIN, "room": room})
        waiting = sorted(pk for (pk,) in cursor.fetchall())
    for count, pk in enumerate(waiting):
        try:
            send(pk)
        except Exception:
            OutboxMessage.objects.filter(pk__in=waiting[count:]).update(sent_at=None)
            raise
    return len(waiting)
