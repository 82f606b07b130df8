"""Takes one e-mail from standard input, or from a file, and receives its lead."""

import sys
from pathlib import Path

from django.core.management import CommandError

from pipeline.models import Source
from pipeline.services.mail_intake import TryLater, receive_letter
from salesorg.lib.commands import RecordsCommand
from salesorg.lib.errors import DomainError

TEMPORARY = 75  # EX_TEMPFAIL of sysexits.h: a mail server keeps the message and tries again


class Command(RecordsCommand):
    help = "Takes one e-mail (RFC 5322) from standard input, or from a file, and receives its lead."

    def add_arguments(self, parser):
        parser.add_argument("source", help="the name of the source its leads come from")
        parser.add_argument("--file", type=Path, help="read the message from this file instead")

    def handle(self, *args, source, file, **options):
        found = Source.objects.filter(name=source).first()
        if found is None:
            raise CommandError(f"There is no source called “{source}”.", returncode=TEMPORARY)
        try:
            if file is None:
                said = receive_letter(stream=sys.stdin.buffer, source=found)
            else:
                with file.open("rb") as stream:
                    said = receive_letter(stream=stream, source=found)
        except TryLater as error:
            raise CommandError(str(error), returncode=TEMPORARY) from error
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(said))
