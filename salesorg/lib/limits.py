"""How often something may happen: counters in Redis, so that a flood never reaches the database."""

from dataclasses import dataclass
from functools import cache

import redis
import structlog
from django.conf import settings

log = structlog.get_logger(__name__)
PATIENCE = 0.5  # seconds; a page must not wait longer to be told that it may go on


@dataclass(frozen=True)
class Limit:
    """At most `most` times in `seconds`, counted from the first of them."""

    most: int
    seconds: int


@cache
def _store():
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)


def seconds_to_wait(name, *limits):
    """0 when `name` may happen once more, which is counted; else after how many seconds to try again.

    Without Redis nothing is counted and everything may happen: whoever calls has a second guard in the database.
    """
    keys = [f"limit:{name}:{limit.seconds}" for limit in limits]
    try:
        pipe = _store().pipeline(transaction=True)
        for key, limit in zip(keys, limits, strict=True):
            pipe.set(key, 0, ex=limit.seconds, nx=True)
            pipe.incr(key)
            pipe.ttl(key)
        answers = pipe.execute()
    except (redis.RedisError, OSError, ValueError) as error:  # ValueError: the client reads on a connection it has just given up
        log.warning("limits_without_redis", problem=str(error))
        return 0
    waits = [max(1, answers[3 * i + 2]) for i, limit in enumerate(limits) if answers[3 * i + 1] > limit.most]
    return max(waits, default=0)
