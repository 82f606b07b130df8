"""Commands for operators that read or write records."""

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _


class RecordsCommand(BaseCommand):
    """A command that needs the tables: where they are not up to date it says so, in place of a traceback."""

    requires_migrations_checks = True

    def check_migrations(self):
        """Called by Django before `handle`."""
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError(_("The database is not up to date. Run manage.py migrate first."))
