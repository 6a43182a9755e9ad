"""Run one program of the stack so that nothing of it outlives it, and it does not outlive its supervisor.

`python -I -S ops/guard.py <launch file>`: reads command and environment from the JSON file (neither quoting
rules nor `ps` should come between a program and its arguments), runs the program and ends with it. It guards
against two things:

- a scheduler that is killed leaves its forked workers behind, waiting for ever; orphans of the program become
  children of this process and are ended with it;
- a supervisor that is killed leaves everything behind; the kernel then sends this process SIGTERM.

SIGTERM goes on to the program's whole process group, once; what has not ended in time is killed.
Standard library only, run as a script: starts in 30 ms. Linux only, as is the engine's host.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_STOPPING = {signal.SIGTERM, signal.SIGINT}
_SIGNALS = {*_STOPPING, signal.SIGCHLD}
_REST_SECONDS = 3.0


def main() -> None:
    """Run the program that the launch file describes, and end as it ended."""
    with open(sys.argv[1]) as file:  # noqa: PTH123 - importing pathlib would double the start-up time
        launch = json.load(file)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    _die_with_parent()
    program = _start(launch["command"], launch["environment"])
    status = _wait(program, launch["stop_seconds"])
    _end_rest()
    raise SystemExit(os.waitstatus_to_exitcode(status) % 256 if status is not None else 1)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) was refused")


def _die_with_parent() -> None:
    """Get SIGTERM when the parent ends; end at once if it already has."""
    parent = os.getppid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(1)


def _start(command: list[str], environment: dict[str, str]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        _die_with_parent()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.execvpe(command[0], command, {**os.environ, **environment})  # noqa: S606 - no shell is meant
    except OSError as error:
        print(f"{command[0]} can't be run: {error}", file=sys.stderr, flush=True)
    os._exit(127)


def _wait(program: int, stop_seconds: float) -> int | None:
    """Wait for the program; pass the first SIGTERM on. None: it did not end in time."""
    deadline: float | None = None
    while deadline is None or time.monotonic() < deadline:
        received = signal.sigtimedwait(_SIGNALS, 0.5)
        if received is not None and received.si_signo in _STOPPING and deadline is None:
            deadline = time.monotonic() + stop_seconds
            os.killpg(0, signal.SIGTERM)  # this process has it blocked
        statuses = _reap()
        if program in statuses:
            return statuses[program]
    return None


def _reap() -> dict[int, int]:
    """Collect the children that ended: process id → wait status."""
    ended: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = status


def _end_rest() -> None:
    """Terminate, then kill, every child and every orphan that becomes one."""
    deadline = time.monotonic() + _REST_SECONDS
    number = signal.SIGTERM
    told: set[tuple[int, int]] = set()
    while children := _children():
        for pid in children:
            if (pid, number) not in told:
                told.add((pid, number))
                os.kill(pid, number)  # it can't be another process by now: it is ours to reap
        signal.sigtimedwait(_SIGNALS, 0.1)
        _reap()
        if time.monotonic() > deadline:
            number = signal.SIGKILL


def _children() -> list[int]:
    own = str(os.getpid())
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _parent(name) == own]  # noqa: PTH208


def _parent(pid: str) -> str:
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[1]
    except OSError:
        return ""


if __name__ == "__main__":
    main()
