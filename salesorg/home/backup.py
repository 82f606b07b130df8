"""The whole database into one file and back, by PostgreSQL's own pg_dump and pg_restore; photos and documents beside it."""

import os
import shutil
import subprocess
from contextlib import suppress

from django.db import connection
from django.utils.translation import gettext as _

from salesorg.embedded.postgres import MAJOR, binaries
from salesorg.lib import files
from salesorg.lib.errors import DomainError


def backup(*, path):
    """Write the database to `path`: one consistent moment of it, while people go on working. Returns the size in bytes.

    The photos and documents follow in an archive beside it. Raises DomainError when a file exists already or pg_dump refuses.
    """
    for each in (path, archive_of(path)):
        if each.exists():
            raise DomainError(_("%(path)s exists already. Name a file that does not.") % {"path": each})
    # Complete or not there at all: a full disk must not leave something that looks like a backup.
    unfinished = path.with_name(f"{path.name}.unfinished")
    command = [tool("pg_dump"), "--format", "custom", "--no-owner", "--no-privileges", "--file", unfinished]
    try:
        dump = subprocess.run(command, env=environment(), stderr=subprocess.PIPE, check=False)
        if dump.returncode:
            raise DomainError(_("Nothing was backed up. %(reason)s") % {"reason": reason(dump.stderr)})
        unfinished.chmod(0o600)
        # After the dump: a file is written before the row that names it, so none that the dump names is missing.
        files.write_archive(archive_of(path))
        archive_of(path).chmod(0o600)
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path.stat().st_size + archive_of(path).stat().st_size


def archive_of(path):
    """The archive of photos and documents that belongs to the dump `path`."""
    return path.with_name(f"{path.name}.files.tar")


def restore(*, path):
    """Put the database of `path` in the place of this one: all of it or, when anything fails, nothing. The photos and
    documents of its archive are put beside those that are here.

    Raises DomainError when the file is missing or damaged, or the database refuses it.
    """
    if not path.is_file():
        raise DomainError(_("There is no file %(path)s.") % {"path": path})
    if archive_of(path).exists():  # before the database: files without rows do no harm, rows without files do
        files.read_archive(archive_of(path))
    connection.close()  # our own session must not hold what is replaced
    read = [tool("pg_restore"), "--no-owner", "--no-privileges", "--file", "-", path]
    write = [tool("psql"), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--output", os.devnull]
    with (
        subprocess.Popen(read, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as source,
        subprocess.Popen(write, env=environment(), stdin=subprocess.PIPE, stderr=subprocess.PIPE) as target,
    ):
        with suppress(BrokenPipeError):  # psql stops reading at its first error, which is reported below
            target.stdin.write(b"BEGIN; DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n")
            shutil.copyfileobj(source.stdout, target.stdin)
            # Only now: psql takes the end of a damaged file for the end of the work.
            if source.wait() == 0:
                target.stdin.write(b"\nCOMMIT;\n")
        with suppress(BrokenPipeError):
            target.stdin.close()
        refusal = source.stderr.read() + target.stderr.read()
    if source.returncode or target.returncode:
        raise DomainError(_("Nothing was restored: the database is as it was. %(reason)s") % {"reason": reason(refusal)})


def tool(name):
    """The path of a PostgreSQL tool that is not older than the server, as pg_dump asks: our package's, else the machine's."""
    server = connection.cursor().connection.server_version // 10_000
    if server <= int(MAJOR):
        return binaries() / name
    if own := shutil.which(name):
        return own
    raise DomainError(
        _("The server is PostgreSQL %(server)s. Install its client tools, for %(name)s.") % {"server": server, "name": name}
    )


def environment():
    """The connection's address in the variables that PostgreSQL's tools read, so that no password is on a command line."""
    parameters = connection.get_connection_params()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    names |= {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}
    return os.environ | {names[key]: str(value) for key, value in parameters.items() if key in names}


def reason(stderr):
    lines = [line for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    return next((line for line in lines if "error:" in line.lower()), lines[-1] if lines else "")
