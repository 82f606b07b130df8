"""The nightly run starts once each night at the organisation's hour, on the nights the clocks change too."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from commissions.nightly import JOB, night_due
from salesorg.jobs import runs, tasks
from salesorg.jobs.models import Run
from salesorg.people.models import Organisation


@pytest.fixture
def vienna(organisation, job):
    """An organisation in Vienna whose nightly run, of no steps, is due at two o'clock."""
    Organisation.objects.update(time_zone="Europe/Vienna", nightly_hour=2)
    runs.register_due(JOB, night_due)


def nights(first, hours):
    """Tick every ten minutes from `first` on; each run that was started, with the UTC time it was started at."""
    started = {}
    for minutes in range(0, hours * 60, 10):
        with time_machine.travel(first + timedelta(minutes=minutes), tick=False):
            tasks.start_due_jobs()
            tasks.start_due_jobs()  # two beats
            for run in Run.objects.exclude(period__in=started):
                started[run.period] = timezone.now()
                runs.run_here(run)
    return {period: f"{moment:%d %H:%M}" for period, moment in started.items()}


def test_the_night_that_has_no_two_o_clock_is_not_skipped(vienna):
    """On 29 March 2026 Vienna goes from 02:00 to 03:00."""
    assert nights(datetime(2026, 3, 27, 23, tzinfo=UTC), hours=72) == {
        "2026-03-28": "28 01:00",  # 02:00 in winter time
        "2026-03-29": "29 01:00",  # 03:00 in summer time: two o'clock did not come
        "2026-03-30": "30 00:00",
    }


def test_the_night_that_has_two_o_clock_twice_is_run_once(vienna):
    """On 25 October 2026 Vienna goes from 03:00 back to 02:00."""
    assert nights(datetime(2026, 10, 23, 22, tzinfo=UTC), hours=72) == {
        "2026-10-24": "24 00:00",
        "2026-10-25": "25 00:00",  # the first of the two
        "2026-10-26": "26 01:00",
    }


def test_a_machine_that_slept_through_the_hour_makes_up_for_it(vienna):
    assert nights(datetime(2026, 3, 31, 12, tzinfo=UTC), hours=2) == {"2026-03-31": "31 12:00"}


def test_the_hour_counts_in_the_organisations_time_zone(vienna):
    Organisation.objects.update(time_zone="America/Los_Angeles", nightly_hour=23)
    assert nights(datetime(2026, 3, 31, 0, tzinfo=UTC), hours=24) == {"2026-03-30": "31 06:00"}
