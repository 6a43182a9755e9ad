"""Find and end every process of a stack, also those that its supervisor lost sight of."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

STACK_VARIABLE = "CNN_STACK"
NICENESS = 10  # about a tenth of the weight of what is not nice


def of_stack(stack: str) -> list[psutil.Process]:
    """List the processes whose environment names a stack, without this one and its ancestors.

    Args:
        stack: The stack's id, as every program of it has it in `CNN_STACK`.
    """
    wanted = f"{STACK_VARIABLE}={stack}".encode()
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    others = (process for process in psutil.process_iter() if process.pid not in own)
    return [process for process in others if wanted in _environment(process.pid) and alive(process)]


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # it ended, or belongs to somebody else
        return []


def alive(process: psutil.Process) -> bool:
    """Say whether a process still runs; one that ended and waits for its parent does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def descendants(pid: int) -> list[psutil.Process]:
    """List the children of a process and theirs; none when it is gone."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def give_way(pid: int) -> None:
    """Let trainings have the processors first, whatever a session has to do meanwhile.

    Linux weighs sessions, not processes, against each other and against containers (autogroups, sched(7));
    where that is switched off, each process by itself.

    Args:
        pid: The process that began the session; what it starts from now on is as nice.
    """
    psutil.Process(pid).nice(NICENESS)
    with suppress(OSError):  # a kernel without autogroups
        Path(f"/proc/{pid}/autogroup").write_text(str(NICENESS), encoding="ascii")


def end(processes: Iterable[psutil.Process], patience: float = 5.0) -> list[str]:
    """Terminate processes, kill those that stay.

    Args:
        processes: Any mix of living and dead ones.
        patience: Seconds between SIGTERM and SIGKILL.

    Returns:
        What was ended, one text per process (`1234 airflow scheduler`), for a log.
    """
    running = [process for process in processes if alive(process)]
    names = [f"{process.pid} {_name(process)}" for process in running]
    _signal(running, kill=False)
    _, stubborn = psutil.wait_procs(running, timeout=patience)
    _signal(stubborn, kill=True)
    psutil.wait_procs(stubborn, timeout=5)
    return names


def _name(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()[:4]) or process.name()
    except psutil.Error:
        return "(gone)"


def _signal(processes: Iterable[psutil.Process], *, kill: bool) -> None:
    for process in processes:
        try:
            process.kill() if kill else process.terminate()
        except psutil.NoSuchProcess:
            continue
