"""What stops a start, said in one line instead of a traceback."""

import errno
import sys


class StartError(Exception):
    """A sentence for the person at the terminal: what is wrong and what to do."""


# What the machine refuses, not what we got wrong: these become one line, anything else keeps its traceback.
REFUSALS = {errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM}


def sentence(problem):
    """One line for an OSError the machine is to blame for, else None."""
    if problem.errno not in REFUSALS:
        return None
    where = f" to {problem.filename}" if problem.filename else ""
    advice = {errno.ENOSPC: "Free some disk space", errno.EDQUOT: "Free some disk space"}.get(
        problem.errno, "Make the folder writable, or run a copy of Salesorg in one that is"
    )
    return f"Cannot write{where}: {problem.strerror}. {advice}, then start again."


def say(text=""):
    try:
        print(text, flush=True)
    except OSError:
        # Whoever read our words has gone (a closed terminal or pipe); the servers are still to be stopped in order.
        sys.stdout = open("/dev/null", "w")  # noqa: SIM115
