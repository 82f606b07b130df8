"""The real exports where they are, and ways to write and import small ones."""

from io import StringIO

import pytest
from django.core.management import call_command


@pytest.fixture
def write_files(tmp_path):
    """Write files (name → text or bytes; None: left out) to a folder, over the defaults given."""

    def write(defaults, changes=()):
        for name, content in {**defaults, **dict(changes)}.items():
            (tmp_path / name).unlink(missing_ok=True)
            if content is not None:
                (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path

    return write


@pytest.fixture
def run_import(tmp_path, db):
    """Run an import command as on a terminal; returns (what it said, rows of its report)."""
    import csv

    def run(command, folder, *options):
        report, out = tmp_path / "out" / "report.csv", StringIO()
        call_command(command, str(folder), *options, report=report, stdout=out, stderr=StringIO())
        with report.open(newline="", encoding="utf-8") as file:
            return out.getvalue(), list(csv.DictReader(file))

    return run
