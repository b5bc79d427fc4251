"""A process group: a child that was started in a session of its own, and all that it started."""

import os


def signal_group(leader: int, number: int) -> bool:
    """Send a signal to every process of the group (0: only look); whether there was one."""
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return False
    return True


def reap_orphans(leader: int) -> None:
    """Bury members of the group that are dead and were handed to this process, because it is the container's first.

    For a group whose leader has been waited for: its exit status must not be taken away here.
    """
    try:
        while os.waitpid(-leader, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass
