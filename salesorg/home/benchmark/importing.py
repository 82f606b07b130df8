"""How long a large import takes: the same file checked, written, written again and taken back, as workers would do it."""

import io
import time

from accounts.importing import services
from accounts.models import Import
from salesorg.jobs.models import Run
from salesorg.jobs.runs import run_here
from salesorg.lib.errors import DomainError
from salesorg.people.models import User, organisation
from salesorg.people.roles import Role

AGAIN_EVERY = 10  # rows: one in so many changes something the second time


def measure_import(rows):
    """{what: seconds} of an import of `rows` accounts by somebody who covers what they create; nothing of it is left behind."""
    actor = User.objects.working().with_role([Role.AE], organisation().today()).order_by("pk").first()
    first = _Measured(actor, _file(rows, changed=False))
    second = None
    try:
        times = {"Check": first.check(), "Write": first.write()}
        second = _Measured(actor, _file(rows, changed=True))
        times |= {"Check the file again": second.check(), "Update a tenth": second.write()}
        times["Undo the update"] = second.undo()
    finally:
        for each in filter(None, (second, first)):
            each.imported.refresh_from_db()
            if each.imported.state == Import.State.DONE:
                undone = each.undo()
        for each in filter(None, (second, first)):
            each.imported.delete()
    return times | {"Undo": undone}


def _file(rows, *, changed):
    """A CSV of `rows` accounts of plausible width."""
    text = io.StringIO()
    text.write("External key,Company,Website,Phone,Status,Industry,Employees,Revenue,Street,Zip,City,Country,Note\n")
    for i in range(rows):
        city = f"City {i % 900}" if not (changed and i % AGAIN_EVERY == 0) else f"Town {i % 900}"
        text.write(
            f"bench-{i},Benchmark {i} Trading Ltd,https://www.bench{i}.example,+49 30 {i:07},Prospect,Industry {i % 40},"
            f'{i % 5000},{i * 10}.50,"Street {i}, Hall {i % 9}",{i % 99999:05},{city},Germany,Imported from the old system\n'
        )
    return text.getvalue().encode()


class _Measured:
    def __init__(self, actor, content):
        self.actor = actor
        self.imported = services.upload_import(kind="accounts", file_name="benchmark.csv", content=content, actor=actor)

    def check(self):
        imported = self.imported
        services.check_import(
            imported=imported,
            mapping=imported.mapping,
            match="external_key",
            mode=Import.Mode.BOTH,
            allow_alike=False,
            options={},
            actor=self.actor,
        )
        return self._worked_off()

    def write(self):
        services.write_import(imported=self.imported, actor=self.actor)
        return self._worked_off()

    def undo(self):
        services.undo_import(imported=self.imported, actor=self.actor)
        return self._worked_off()

    def _worked_off(self):
        started = time.monotonic()
        self.imported.refresh_from_db()
        run = run_here(Run.objects.get(pk=self.imported.run_id))
        seconds = time.monotonic() - started
        self.imported.refresh_from_db()
        if run.state != Run.State.DONE or self.imported.problem:
            raise DomainError(self.imported.problem or str(run.problems))
        return seconds
