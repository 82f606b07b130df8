"""When something planned begins, when to be reminded of it, and on which days it comes again. Pure."""

from datetime import datetime, timedelta

MOST_OCCURRENCES = 60  # more than a year of weeks: further ahead nobody knows what the weeks will bring


def moments(day, at, zone, remind=None):
    """(start, reminder) of what is planned for `day` at the wall time `at` in `zone`; (None, None) when it has a day alone.

    `remind` is in minutes before the start; None: no reminder. An hour that the clocks skip begins when they have jumped.
    """
    if at is None:
        return None, None
    start = datetime.combine(day, at, zone)
    start = datetime.fromtimestamp(start.timestamp(), zone)
    return start, None if remind is None else start - timedelta(minutes=remind)


def occurrences(first, weeks, until):
    """The days of something that comes every `weeks` weeks from `first` to `until`, both included; `first` always."""
    days = [first]
    while weeks and until and len(days) < MOST_OCCURRENCES and days[-1] + timedelta(weeks=weeks) <= until:
        days.append(days[-1] + timedelta(weeks=weeks))
    return days


def lanes(spans):
    """(lane, number of lanes) for each of `spans`, (start, end) pairs: what overlaps stands side by side, as few as can be.

    Those that touch through others share one number of lanes, so that their columns are of one width.
    """
    placed, cluster, ends, latest = [None] * len(spans), [], [], None

    def close():
        for index, lane in cluster:
            placed[index] = (lane, len(ends))

    for index in sorted(range(len(spans)), key=lambda index: spans[index]):
        start, end = spans[index]
        if cluster and start >= latest:
            close()
            cluster, ends = [], []
        lane = next((lane for lane, free_from in enumerate(ends) if free_from <= start), len(ends))
        latest = max(latest, end) if cluster else end
        ends[lane : lane + 1] = [end]
        cluster.append((index, lane))
    close()
    return placed
