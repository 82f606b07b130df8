"""A worker killed in the middle of an import, or of its undo, neither loses nor doubles a row."""

import pytest

from accounts.importing import services, steps, writing
from accounts.models import Account, Coverage, Import
from salesorg.audit.models import Change
from salesorg.jobs.models import Run
from salesorg.jobs.runs import run_here
from tests.killing import killed_after

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_killed_in_mid_import_or_in_mid_undo_loses_and_doubles_nothing(checked, rita, line):
    check = checked(rita, "key,name\n" + "".join(f"K{i},Company {i}\n" for i in range(25)))
    services.write_import(imported=check, actor=rita)
    killed_after(writing, "_insert", lambda: run_here(run_of_import()))  # written and not committed
    assert Account.objects.count() == 0

    assert run_here(run_of_import()).state == Run.State.DONE
    done = Import.objects.get()
    assert (done.state, done.counts) == ("done", {"new": 25})
    assert Account.objects.count() == Coverage.objects.count() == 25

    services.undo_import(imported=done, actor=rita)
    killed_after(steps, "undo", lambda: run_here(run_of_import()))
    assert Account.objects.count() == 25 and Import.objects.get().state == "undoing"

    assert run_here(run_of_import()).state == Run.State.DONE
    assert (Account.objects.count(), Coverage.objects.count(), Import.objects.get().state) == (0, 0, "undone")
    assert Change.objects.filter(table="accounts_account", operation="DELETE").count() == 25


def run_of_import():
    return Run.objects.get(pk=Import.objects.get().run_id)
