"""A worker killed in the middle of an import neither loses nor doubles a row."""

import os
import signal

import pytest
from django.db import connections

from accounts.importing import services, writing
from accounts.models import Account, Coverage, Import
from salesorg.jobs.models import Run
from salesorg.jobs.runs import run_here

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_killed_in_mid_import_loses_and_doubles_nothing(checked, rita, line, monkeypatch):
    check = checked(rita, "key,name\n" + "".join(f"K{i},Company {i}\n" for i in range(25)))
    services.write_import(imported=check, actor=rita)
    run = Run.objects.get(pk=Import.objects.get().run_id)
    connections.close_all()
    child = os.fork()
    if child == 0:

        def write_and_die(decision):
            written(decision)
            os.kill(os.getpid(), signal.SIGKILL)  # written and not committed

        written = writing._insert
        monkeypatch.setattr(writing, "_insert", write_and_die)
        run_here(run)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert Account.objects.count() == 0

    assert run_here(run).state == Run.State.DONE
    done = Import.objects.get()
    assert (done.state, done.counts) == ("done", {"new": 25})
    assert Account.objects.count() == Coverage.objects.count() == 25
