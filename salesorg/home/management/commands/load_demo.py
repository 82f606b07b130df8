"""manage.py load_demo: fill an empty database with the demo organisation."""

from django.core.management.base import CommandError
from django.utils import timezone

from salesorg.home.demo import load_demo
from salesorg.lib.acting import acting
from salesorg.lib.commands import RecordsCommand
from salesorg.lib.errors import DomainError


class Command(RecordsCommand):
    help = "Fill an empty database with the demo: a small organisation with its past, and one sign-in per role."

    def handle(self, **options):
        try:
            with acting(None, "load_demo"):
                load_demo(now=timezone.now())
        except DomainError as problem:
            raise CommandError(str(problem)) from problem
