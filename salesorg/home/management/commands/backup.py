"""manage.py backup FILE: the whole database into one file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from salesorg.home.backup import backup
from salesorg.lib.errors import DomainError


class Command(BaseCommand):
    help = "Writes the whole database to one file, which `restore` reads. People can go on working meanwhile."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="the file to write; it must not exist yet")

    def handle(self, *, file, **options):
        try:
            size = backup(path=file)
        except DomainError as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(
            f"{file}, and beside it .files.tar with photos and documents: {size / 1_000_000:.1f} MB."
            " The keys in var/secrets are not in it; copy that folder too."
        )
