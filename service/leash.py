"""Run a command that gets SIGTERM when whoever started it dies: `python leash.py COMMAND ...`.

So a service that is killed outright leaves no model server behind. Linux only; elsewhere the command just runs. A
program of its own, since code between fork and exec in a process with threads may deadlock.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before it could be told
            sys.exit("whoever started this is gone")
    os.execvp(sys.argv[1], sys.argv[1:])
