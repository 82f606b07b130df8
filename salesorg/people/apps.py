"""The people who sign in, their teams and roles, and what they may see."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "salesorg.people"
    label = "people"
    undo_needs = "edit_people"  # who may take changes of these records back (salesorg.audit)

    def ready(self):
        from salesorg.lib import search  # noqa: PLC0415

        from .search import find_people  # noqa: PLC0415 (models are loaded only now)
        from .services import signing_in  # noqa: F401, PLC0415 (its handler of the outbox; models are loaded only now)

        search.register(_("People"), find_people)
