"""Periods of validity: half-open ranges of days, [start, until). Pure."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class During:
    """From `start` (inclusive) until `until` (exclusive; None: still running)."""

    start: date
    until: date | None = None

    def __post_init__(self):
        if self.until is not None and self.until <= self.start:
            raise ValueError(f"A period must end after it begins: {self.start} … {self.until}")

    def covers(self, day):
        """True on every day from `start` up to the day before `until`."""
        return self.start <= day and (self.until is None or day < self.until)

    def overlaps(self, other):
        """True when some day lies in both."""
        return (other.until is None or self.start < other.until) and (self.until is None or other.start < self.until)

    def ended(self, day):
        """The same period ending before `day`, or None when nothing of it is left."""
        if day <= self.start:
            return None
        return During(self.start, day if self.until is None else min(day, self.until))
