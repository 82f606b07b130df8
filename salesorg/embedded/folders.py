"""Where the embedded servers keep their things: everything below var/, readable by its owner alone."""

import hashlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from .errors import StartError

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
RUN = VAR / "run"
LOGS = VAR / "log"
ENVIRONMENT = RUN / "environment"

# A socket's address holds 107 bytes; the longest name we put into a socket folder is ".s.PGSQL.5432.lock".
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")
LEAST_FREE = 200 * 1024 * 1024  # bytes; an empty database takes 60 MB, its first write-ahead files 32 MB more


def create():
    """Make the folders. Raises OSError when this one refuses."""
    VAR.mkdir(exist_ok=True)
    private(RUN)
    private(LOGS)
    # On a read-only disk mkdir of what exists succeeds, so a file is written for the proof.
    with tempfile.TemporaryFile(dir=RUN) as proof:
        proof.write(b"x" * 4096)


def check_room():
    """Raise StartError when the disk is too full for a database: said now, since later it is a server's sudden end."""
    if (free := shutil.disk_usage(VAR).free) < LEAST_FREE:
        raise StartError(
            f"Only {free // 1024**2} MB are free on the disk of {VAR}; PostgreSQL needs {LEAST_FREE // 1024**2} MB. "
            "Free some disk space, then start again."
        )


def private(folder):
    """`folder`, made if need be, and open to its owner alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def sockets(base, name):
    """A private folder for sockets: below `base`, or a short one of this user when that path is too long."""
    folder = base / name
    if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER:
        tag = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir(), f"salesorg-{os.geteuid()}-{tag}")
    private(folder)
    return folder


def secret(name):
    """A lasting random secret, made at the first call and kept in var/secrets."""
    path = private(VAR / "secrets") / name
    if not path.exists():
        write_private(path, secrets.token_hex(32))
    return path.read_text()


def write_private(path, text):
    """Write `path` at once or not at all, readable by its owner alone."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
