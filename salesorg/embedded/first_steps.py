"""What the application needs before its first request: tables, static files, demo data. Runs with Django, in its own process.

Progress goes to stderr at once; stdout is what the person should read last (the demo sign-ins).
"""

import argparse
import fcntl
import hashlib
import io
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from .errors import sentence


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--static-only", action="store_true")
    parser.add_argument("--demo", choices=["yes", "no", "if-empty"], default="if-empty")
    options = parser.parse_args()
    try:
        django.setup()
        collect_static()
        if not options.static_only:
            migrate()
            load_demo(options.demo)
            call_command("demo_sign_ins", stdout=sys.stdout)
    except (ImproperlyConfigured, CommandError) as problem:
        return fail(str(problem))
    except OperationalError as problem:
        return fail(f"The database at DATABASE_URL does not answer: {str(problem).strip()}")
    except OSError as problem:
        if words := sentence(problem):
            return fail(words)
        raise
    return 0


def fail(words):
    tell(words)
    return 1


def tell(words):
    print(words, file=sys.stderr, flush=True)


def migrate():
    executor = MigrationExecutor(connection)
    if pending := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        tell(f"Bringing the database up to date ({len(pending)} migrations) …")
        call_command("migrate", interactive=False, verbosity=0, stdout=sys.stderr)


def collect_static():
    """Copy, name and compress the static files when one of them has changed."""
    root = Path(settings.STATIC_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with open(root.with_name("static.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # script/server and script/test share the folder
        seen = hashlib.sha256()
        for finder in get_finders():
            for path, storage in finder.list(["CVS", ".*", "*~"]):
                facts = os.stat(storage.path(path))
                seen.update(f"{storage.path(path)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
        stamp = root / ".seen"
        if not stamp.is_file() or stamp.read_text() != seen.hexdigest():
            tell("Collecting the static files …")
            call_command("collectstatic", interactive=False, verbosity=0, stdout=io.StringIO())
            stamp.write_text(seen.hexdigest())


def load_demo(wanted):
    empty = not get_user_model()._base_manager.exists()
    if not empty and wanted == "yes":
        tell("The database already holds people, so no demo data is loaded: that happens only in an empty one.")
    if empty and wanted != "no":
        tell("Loading the demo data …")
        call_command("load_demo", stdout=sys.stderr)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesorg.settings")
    sys.exit(main())
