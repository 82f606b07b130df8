"""The people who sign in, their teams and roles, and what they may see."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "salesorg.people"
    label = "people"
    undo_needs = "edit_people"  # who may take changes of these records back (salesorg.audit)

    def ready(self):
        from .services import signing_in  # noqa: F401, PLC0415 (its handler of the outbox; models are loaded only now)
