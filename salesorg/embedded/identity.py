"""Under whose id PostgreSQL runs: it refuses to run as root."""

import ctypes
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

CLONE_NEWUSER = 0x10000000
INNER_ID = 1000  # any id but 0
NOBODY = 65534

libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Identity:
    """`enter` is called between fork and exec. `owner` must own the folders. `sees_all`: root's paths are still open to it."""

    name: str
    owner: int
    enter: Callable[[], None]
    sees_all: bool = True


def stay():
    """Nothing to do: we are an ordinary user."""


def enter_namespace():
    """Become INNER_ID in a user namespace of our own. Outside, and on disk, the process is still root."""
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    write("/proc/self/setgroups", "deny")  # the kernel asks for this before the map of groups
    write("/proc/self/uid_map", f"{INNER_ID} 0 1")
    write("/proc/self/gid_map", f"{INNER_ID} 0 1")


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def become_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


ORDINARY = Identity("the same user", os.geteuid(), stay)
MAPPED = Identity("an unprivileged id in a user namespace", 0, enter_namespace)
UNPRIVILEGED = Identity("nobody", NOBODY, become_nobody, sees_all=False)


def choose():
    """The way that works on this machine."""
    if os.geteuid() != 0:
        return ORDINARY
    return MAPPED if can(MAPPED) else UNPRIVILEGED


def can(identity):
    """Whether `identity` works here: containers often forbid user namespaces."""
    try:
        return subprocess.run(["/bin/sh", "-c", ":"], preexec_fn=identity.enter, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def give(folder, identity):
    """Make `identity` the owner of `folder` and all in it (the way may differ from the last start's)."""
    if os.geteuid() != 0 or folder.stat().st_uid == identity.owner:
        return
    for path, _, files in os.walk(folder, topdown=False):
        for file in files:
            os.lchown(os.path.join(path, file), identity.owner, identity.owner)
        os.lchown(path, identity.owner, identity.owner)  # the folder last: its owner says that all in it is done
