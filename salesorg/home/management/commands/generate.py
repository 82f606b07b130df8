"""manage.py generate --size medium: fill an empty database with an invented sales organisation."""

from time import monotonic

from django.core.management.base import CommandError
from django.utils import timezone
from tqdm import tqdm

from salesorg.home.generator import analyze, generate
from salesorg.home.generator.shapes import SIZES, shape_of, today_of
from salesorg.lib.acting import acting
from salesorg.lib.commands import RecordsCommand
from salesorg.lib.errors import DomainError


class Command(RecordsCommand):
    help = "Fill an empty database with an invented sales organisation, the same on every run of a day."

    def add_arguments(self, parser):
        sizes = "medium has 100,000 deals, large 1,000,000 accounts (default: small)"
        parser.add_argument("--size", choices=SIZES, default="small", help=sizes)

    def handle(self, *, size, **options):
        shape, began = shape_of(size), monotonic()
        try:
            with acting(None, "generate"), tqdm(total=shape.rows, unit=" rows", disable=None, file=self.stderr._out) as bar:
                counts = generate(shape, today=today_of(timezone.now()), advance=bar.update)
        except DomainError as problem:
            raise CommandError(str(problem)) from problem
        analyze()
        for what, count in counts.items():
            self.stdout.write(f"  {what:<16} {count:>9,}")
        self.stdout.write(f"Written in {monotonic() - began:.1f} s.")
