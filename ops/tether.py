"""Become a program of the stack that does not outlive its supervisor.

`python -I -S ops/tether.py <launch file>`: reads command and environment from the JSON file, asks the kernel for
SIGTERM when the parent dies, and executes the command. A file, because neither quoting rules nor `ps` should come
between a program and its arguments. Standard library only, run as a script: it starts in 20 ms.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have this process, also after `exec`, get SIGTERM when its parent ends (Linux only)."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) was refused")
    if os.getppid() != parent:  # it died before the kernel was asked
        raise SystemExit(1)


def main() -> None:
    """Replace this process by the program that the launch file describes."""
    with open(sys.argv[1]) as file:  # noqa: PTH123 - importing pathlib would double the start-up time
        launch = json.load(file)
    die_with_parent()
    command = launch["command"]
    os.execvpe(command[0], command, {**os.environ, **launch["environment"]})  # noqa: S606 - no shell is meant


if __name__ == "__main__":
    main()
