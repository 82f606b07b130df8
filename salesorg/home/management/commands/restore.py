"""manage.py restore FILE: the database of a backup in the place of this one."""

from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from salesorg.home.backup import restore
from salesorg.lib.errors import DomainError


class Command(BaseCommand):
    help = "Replaces the database by the one in a file that `backup` wrote: all of it or, when anything fails, nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="a file that `backup` wrote")
        parser.add_argument("--replace", action="store_true", help="even when this database holds people already")

    def handle(self, *, file, replace, **options):
        if not replace and holds_people():
            raise CommandError("This database is in use, and all in it would be replaced. Add --replace if that is meant.")
        try:
            restore(path=file)
        except DomainError as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(
            "Restored. If this release is newer than the backup, run migrate now (script/server does it by itself)."
        )


def holds_people():
    try:
        return get_user_model()._base_manager.exists()
    except ProgrammingError:  # no tables yet
        return False
