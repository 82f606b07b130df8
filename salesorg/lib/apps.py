"""The library: no models, only what every app stands on."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class LibConfig(AppConfig):
    name = "salesorg.lib"
    label = "lib"

    def ready(self):
        from .acting import watch_connection  # noqa: PLC0415 (Django is not set up when this module loads)

        connection_created.connect(watch_connection, dispatch_uid="salesorg.lib.acting")
