"""A worker that ends by SIGKILL in the middle of its work, when that is done and not committed."""

import os
import signal

from django.db import connections


def killed_after(module, name, work):
    """Do `work` in a process of its own, which is killed as soon as the function `name` of `module` has done its part."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        done = getattr(module, name)

        def do_and_die(*args, **kwargs):
            done(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(module, name, do_and_die)  # of the child alone
        work()
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
