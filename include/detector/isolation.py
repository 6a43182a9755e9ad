"""Runs work on hostile input in a process of its own, with limits on its time and memory.

A parser that falls, a search that never ends or a list that fills the memory takes only that process along.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NoReturn

Report = Callable[[str], None]
Work = Callable[[Report], object]

_CHUNK = 64 * 1024
_SPARE_SECONDS = 0.5
_STATM = Path("/proc/self/statm")


class Ending(Enum):
    """How an isolated process ended."""

    DONE = "done"
    OUT_OF_TIME = "out of time"
    OUT_OF_MEMORY = "out of memory"
    FAULT = "fault"
    KILLED = "killed"


@dataclass(frozen=True)
class Outcome:
    """What came of an isolated piece of work.

    Args:
        ending: How its process ended; `KILLED` when it died of a signal or without a word.
        result: The JSON value that the work returned, for `DONE`; the traceback, for `FAULT`; else None.
        progress: What the work reported last, empty when nothing.
    """

    ending: Ending
    result: object = None
    progress: str = ""


def run(work: Work, seconds: float, memory: int, patience: float | None = None) -> Outcome:
    """Do the work in a forked process; only where there is one thread, since a fork copies others' locks.

    Args:
        work: Gets a function that reports progress; returns a value that JSON can hold.
        seconds: Processor time after which the process ends.
        memory: Bytes it may take on top of what this process has.
        patience: Wall time after which it is killed, `seconds` unless given; more than that keeps a busy
            machine from changing what comes of the work.

    Raises:
        OSError: This machine can't start another process.
    """
    patience = seconds if patience is None else patience
    deadline = time.monotonic() + patience
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        serve(work, writing, seconds, memory, patience)
    try:
        os.close(writing)
        outcome = collect(reading, deadline)
    finally:
        os.close(reading)
        status = end(process)
    return judged(outcome, status)


def serve(work: Work, writing: int, seconds: float, memory: int, patience: float | None = None) -> NoReturn:
    """The isolated process's part: take on the limits, work, write what came of it, and exit.

    Args:
        work: As in `run`.
        writing: Descriptor of the pipe to the process that waits.
        seconds: As in `run`.
        memory: As in `run`.
        patience: As in `run`; the process also ends itself a little later, should nobody wait any more.
    """
    _limit(seconds, seconds if patience is None else patience, memory)
    ending, value = Ending.DONE, None
    try:
        value = work(lambda step: _write(writing, None, step))
    except MemoryError:
        ending = Ending.OUT_OF_MEMORY
    except BaseException:  # noqa: BLE001 - the waiting process logs it
        ending, value = Ending.FAULT, traceback.format_exc()
    try:
        _write(writing, ending, value)
    finally:
        os._exit(0)


def collect(reading: int, deadline: float) -> Outcome:
    """The waiting process's part: read until the other one is done, has died, or is out of time.

    Args:
        reading: Descriptor of the pipe.
        deadline: On the monotonic clock.
    """
    received = bytearray()
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            return _outcome(received, Ending.OUT_OF_TIME)
        chunk = os.read(reading, _CHUNK)
        if not chunk:
            return _outcome(received, Ending.KILLED)
        received += chunk


def judged(outcome: Outcome, status: int) -> Outcome:
    """The outcome, out of time where the process ended because its processor time was used up.

    Args:
        outcome: What `collect` made of the pipe alone.
        status: The process's exit code, or the negative number of the signal that it died of.
    """
    if outcome.ending is Ending.KILLED and status == -signal.SIGPROF:
        return Outcome(Ending.OUT_OF_TIME, progress=outcome.progress)
    return outcome


def end(process: int) -> int:
    """Kill a child process, whatever it is at, and reap it; its exit code or negative signal number."""
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    with suppress(ChildProcessError):  # a caller that ignores SIGCHLD has it reaped by the kernel
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return 0


def _write(writing: int, ending: Ending | None, value: object) -> None:
    line = json.dumps([ending.value if ending else None, value]).encode() + b"\n"
    while line:
        line = line[os.write(writing, line) :]


def _outcome(received: bytearray, otherwise: Ending) -> Outcome:
    """The last word if there is one, else how the process ended without it."""
    progress = ""
    for line in bytes(received).split(b"\n")[:-1]:
        ending, value = json.loads(line)
        if ending is not None:
            return Outcome(Ending(ending), value, progress)
        progress = value
    return Outcome(otherwise, progress=progress)


def _limit(seconds: float, patience: float, memory: int) -> None:
    gc.disable()  # it would touch, and so copy, every page of the process that forked
    for number in (signal.SIGALRM, signal.SIGPROF, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, patience + _SPARE_SECONDS)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    _lower(resource.RLIMIT_CORE, 0)
    if _STATM.exists():
        pages = int(_STATM.read_text().split()[0])
        _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + memory)


def _lower(kind: int, wanted: int) -> None:
    _, hard = resource.getrlimit(kind)
    lowest = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (lowest, lowest))
