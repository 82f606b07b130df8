"""Under whose id PostgreSQL runs: it refuses root, and an id that has no name."""

import ctypes
import os
import pwd
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from .errors import StartError

CLONE_NEWUSER = 0x10000000
NOBODY = 65534

libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Identity:
    """`enter` is called between fork and exec. `owner` must own the folders."""

    name: str
    owner: int
    enter: Callable[[], None]

    def can_run(self, *command):
        """Whether `command` succeeds under this identity: containers often forbid user namespaces, folders may be closed."""
        try:
            return subprocess.run(command, preexec_fn=self.enter, stdout=subprocess.DEVNULL, check=False).returncode == 0
        except (OSError, subprocess.SubprocessError):
            return False


def stay():
    """Nothing to do: we are an ordinary user."""


def enter_namespace():
    """Become nobody in a user namespace of our own. Outside, and on disk, the process is still who it was."""
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    write("/proc/self/setgroups", "deny")  # the kernel asks for this before the map of groups
    write("/proc/self/uid_map", f"{NOBODY} {user} 1")
    write("/proc/self/gid_map", f"{NOBODY} {group} 1")


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def become_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


ORDINARY = Identity("the same user", os.geteuid(), stay)
MAPPED = Identity("nobody in a user namespace", os.geteuid(), enter_namespace)
UNPRIVILEGED = Identity("nobody", NOBODY, become_nobody)


def choose():
    """The way that works on this machine."""
    root = os.geteuid() == 0
    if not root and has_name(os.geteuid()):
        return ORDINARY
    if MAPPED.can_run("/bin/sh", "-c", ":"):
        return MAPPED
    if root:
        return UNPRIVILEGED
    raise StartError(
        f"User {os.geteuid()} has no line in /etc/passwd, which PostgreSQL insists on. Add one, or run as a user that has."
    )


def has_name(user):
    try:
        return bool(pwd.getpwuid(user))
    except KeyError:
        return False


def give(folder, identity):
    """Make `identity` the owner of `folder` and all in it (the way may differ from the last start's)."""
    if os.geteuid() != 0 or folder.stat().st_uid == identity.owner:
        return
    for path, _, files in os.walk(folder, topdown=False):
        for file in files:
            os.lchown(os.path.join(path, file), identity.owner, identity.owner)
        os.lchown(path, identity.owner, identity.owner)  # the folder last: its owner says that all in it is done
