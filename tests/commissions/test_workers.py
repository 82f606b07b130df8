"""Any number of workers, killed at any moment: the same figures."""

import os
import signal
from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import connection, connections

from commissions import posting
from commissions.crediting import record_bookings
from commissions.gather import open_periods
from commissions.models import LedgerEntry, Statement
from salesorg.jobs.runs import run_here, start_run
from salesorg.lib.periods import year_of

pytestmark = pytest.mark.django_db(transaction=True)
NIGHT = date(2026, 4, 2)


@pytest.fixture
def world(rita, sam, won, paid):
    paid(rita, 10_000)
    paid(sam, 4_000)
    won(rita, 8_000)
    won(rita, 5_000, shares={rita: 60, sam: 40})
    won(sam, 3_000)
    return [rita.pk, sam.pk]


def figures():
    return sorted(Statement.objects.filter(period__start=date(2026, 3, 1)).values_list("user__name", "total"))


def test_a_worker_killed_before_its_commit_leaves_nothing_and_the_next_pays_the_same(world, monkeypatch):
    run = start_run(job="nightly", period=NIGHT.isoformat())
    connections.close_all()
    child = os.fork()
    if child == 0:

        def write_and_die(*args, **kwargs):
            written(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        written = posting.copy_rows
        monkeypatch.setattr(posting, "copy_rows", write_and_die)
        run_here(run)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert LedgerEntry.objects.count() == 0

    run = run_here(run)
    assert (run.state, run.counts["checks broken"]) == (run.State.DONE, 0)
    # rita: 11,000 on 10,000; sam: 5,000 on 4,000
    assert figures() == [("Rita", 58_000), ("Sam", 28_000)]


def test_four_workers_on_the_same_people_post_everything_once(world):
    record_bookings()
    open_periods(until=NIGHT)
    start, failed = Barrier(4), []

    def work():
        try:
            start.wait()
            posting.post(payees=world, days=year_of(NIGHT))
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []
    assert sorted(LedgerEntry.objects.values_list("payee__name", "amount")) == [
        ("Rita", 18_000),
        ("Rita", 40_000),
        ("Sam", 10_000),
        ("Sam", 18_000),
    ]
