"""The frame of the import commands: options, progress bar, and what is told at the end."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from tqdm import tqdm

from salesorg.lib.acting import acting
from salesorg.lib.commands import RecordsCommand
from salesorg.lib.errors import DomainError

from .problems import by_kind, write_report


class ImportCommand(RecordsCommand):
    """`importer` is a module with read(folder) and load(files, advance=, dry_run=); `name` names the command."""

    importer = None
    name = ""

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="DIR", help="the folder with the files")
        parser.add_argument("--dry-run", action="store_true", help="do everything, tell what would change, and take it back")
        parser.add_argument("--report", type=Path, metavar="FILE", help=f"where the problems go (default var/{self.name}.csv)")

    def handle(self, *, folder, dry_run, report, **options):
        try:
            files = self.importer.read(folder)
            with (
                acting(None, self.name),
                tqdm(total=files.size, unit=" rows", disable=None, file=self.stderr._out) as bar,
            ):
                result = self.importer.load(files, advance=bar.update, dry_run=dry_run)
        except DomainError as problem:
            raise CommandError(str(problem)) from problem
        report = report or settings.BASE_DIR / "var" / f"{self.name}.csv"
        try:
            write_report(report, result.problems)
        except OSError as problem:
            raise CommandError(f"The report {report} cannot be written: {problem.strerror}.") from problem
        self._tell(result, report, dry_run)

    def _tell(self, result, report, dry_run):
        if dry_run:
            self.stdout.write("Dry run: nothing was kept.")
        for what in sorted({*result.counts, *result.already_there}):
            there = f", {result.already_there[what]:,} there already" if result.already_there[what] else ""
            self.stdout.write(f"  {what:<16} {result.counts[what]:>9,} new{there}")
        if result.facts:
            self.stdout.write("In the files: " + ", ".join(f"{value:,.0f} {what}" for what, value in result.facts.items()))
        self.stdout.write(f"{len(result.problems):,} problems, one row each in {report}")
        for kind, count in by_kind(result.problems):
            self.stdout.write(f"  {count:>9,}  {kind}")
