"""A phone whose clock is wrong: what it wrote is kept, and set right by the server's clock. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

EXACT = timedelta(minutes=5)  # clocks that differ by less are right, and the way of a request takes its seconds


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was done, by the server's clock; `phone_said` and `ahead` where the phone's clock was wrong."""

    at: datetime
    phone_said: datetime | None = None
    ahead: timedelta = timedelta()  # the phone's clock minus ours; negative when it is behind


def set_right(typed, *, phone_now, now):
    """The Moment of what was typed (None: now) on a phone that says, on sending, that it is `phone_now` (None: unknown)."""
    ahead = phone_now - now if phone_now else timedelta()
    if typed is None:
        return Moment(now)
    if abs(ahead) <= EXACT:
        return Moment(typed)
    return Moment(min(typed - ahead, now), typed, ahead)


def read(text):
    """The moment that a phone's ISO text says, None when it says none with its zone."""
    try:
        moment = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    return moment if moment.tzinfo and abs(moment.year - 2050) < 50 else None  # so that it can be subtracted
