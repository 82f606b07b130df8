"""Blanks a person's data in one record and in all of its history, for the right to erasure. There is no way back.

manage.py erase_person accounts.contact 12 name email phone
"""

from django.apps import apps
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from salesorg.audit.recorded import recorded_models
from salesorg.audit.services import erase
from salesorg.lib.acting import acting
from salesorg.lib.commands import RecordsCommand
from salesorg.lib.errors import DomainError


class Command(RecordsCommand):
    help = __doc__.split("\n")[0]

    def add_arguments(self, parser):
        parser.add_argument("model", help="accounts.contact or people.user")
        parser.add_argument("id", type=int)
        parser.add_argument("fields", nargs="+", help="the fields to blank: name email phone")

    def handle(self, **options):
        try:
            model = apps.get_model(options["model"])
        except (LookupError, ValueError):
            model = None
        if model not in recorded_models().values():
            raise CommandError(
                _("“%(name)s” is not a kind of record. Give accounts.contact or people.user.") % {"name": options["model"]}
            )
        try:
            with acting(None, "erase_person"):
                blanked = erase(model=model, pk=options["id"], fields=options["fields"], actor=None)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(_("Blanked in the record and in %(count)d changes of its history.") % {"count": blanked})
