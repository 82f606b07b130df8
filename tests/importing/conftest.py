"""Importing a file as a person does, with the work done at once."""

import pytest

from accounts.importing import services
from accounts.importing.columns import propose
from accounts.models import Import
from salesorg.jobs.models import Run
from salesorg.jobs.runs import run_here


@pytest.fixture
def checked(db):
    """An import after its dry run: checked(rita, "name;city\\nAcme;Bonn")."""

    def check(user, text, *, kind="accounts", name="list.csv", match="", mapping=None, mode="both", alike=False, **options):
        content = text if isinstance(text, bytes) else text.encode()
        imported = services.upload_import(kind=kind, file_name=name, content=content, actor=user)
        mapping = mapping or propose(kind, imported.header)
        services.check_import(
            imported=imported,
            mapping=mapping,
            match=match or services.first_match(kind, mapping),
            mode=mode,
            allow_alike=alike,
            options=options,
            actor=user,
        )
        return worked_off(imported)

    return check


@pytest.fixture
def imported(checked):
    """An import after its real run."""

    def write(user, text, **choices):
        done = checked(user, text, **choices)
        assert done.state == Import.State.CHECKED, done.problem
        services.write_import(imported=done, actor=user)
        return worked_off(done)

    return write


@pytest.fixture
def undone():
    def take_back(imported):
        services.undo_import(imported=imported, actor=imported.user)
        return worked_off(imported)

    return take_back


def worked_off(imported):
    imported.refresh_from_db()
    run = run_here(Run.objects.get(pk=imported.run_id))
    assert run.state == Run.State.DONE, run.problems
    imported.refresh_from_db()
    return imported
