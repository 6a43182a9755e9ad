"""How a training ended: the table of the design, as a pure function."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from include.containers.result import Result
from include.containers.spec import Limits
from include.containers.state import ContainerState
from include.containers.stopping import Stop, StoppedBy

HARNESS_FAILED = 70  # the harness could not begin: launch.json unreadable, /trial/out not writable
DISK_FULL = 74  # the host's, not the quota: the script failed, or its result could not be written
NEVER_CALLED = 75  # the container waited for its trial (waiting.py) and was not called in time
_OUT_OF_MEMORY_ERRORS = ("MemoryError", "ResourceExhaustedError")


class EndingKind(StrEnum):
    """The ways in which a training ends, or that it has not."""

    RUNNING = "running"
    FINISHED = "finished"
    SCRIPT_ERROR = "script_error"
    OUT_OF_MEMORY = "out_of_memory"
    TOO_SLOW = "too_slow"
    DISK_QUOTA = "disk_quota_exceeded"
    STOPPED = "stopped"
    SUPERSEDED = "superseded"
    CRASHED = "crashed"


@dataclass(frozen=True)
class Ending:
    """How a training ended, with the sentence that says why."""

    kind: EndingKind
    reason: str
    exit_code: int | None = None


def classify(
    state: ContainerState,
    result: Result | None,
    limits: Limits,
    now: float,
    stop: Stop | None = None,
    refused: str | None = None,
) -> Ending:
    """Say how a training ended; the first rule that fits wins.

    Args:
        state: The container as observed.
        result: The result document, None when there is none.
        limits: The limits the container ran under.
        now: Seconds since the epoch.
        stop: The deliberate stop on record, if any.
        refused: Why the result document was refused, when it was.
    """
    if state.alive:
        return _of_running(state, limits, now)
    if result is not None and result.status == "finished":
        return Ending(EndingKind.FINISHED, "The training script ran to its end.", state.exit_code)
    if stop is not None and stop.by is not StoppedBy.MONITOR:
        return Ending(_STOPS.get(stop.by, EndingKind.STOPPED), stop.reason, state.exit_code)
    if state.oom_killed:
        gib = limits.memory_bytes / 1024**3
        reason = f"It needed more than its {gib:.3g} GiB of memory and was killed for it."
        return Ending(EndingKind.OUT_OF_MEMORY, reason, state.exit_code)
    if result is not None:
        return _of_failed(result, state)
    if refused is not None:
        return Ending(
            EndingKind.SCRIPT_ERROR, f"Its result document was refused: {refused}.", state.exit_code
        )
    return _without_result(state)


_STOPS = {
    StoppedBy.TIME_LIMIT: EndingKind.TOO_SLOW,
    StoppedBy.DISK_QUOTA: EndingKind.DISK_QUOTA,
    StoppedBy.SUPERSEDED: EndingKind.SUPERSEDED,
}


def _of_running(state: ContainerState, limits: Limits, now: float) -> Ending:
    if state.started_at is not None and now - state.started_at > limits.seconds:
        return Ending(EndingKind.TOO_SLOW, f"It was still training after its limit of {limits.seconds:g} s.")
    return Ending(EndingKind.RUNNING, f"The container is {state.status}.")


def _of_failed(result: Result, state: ContainerState) -> Ending:
    error = result.error or "The training script failed without saying why."
    name = error.split(":", 1)[0].rsplit(".", 1)[-1]
    kind = EndingKind.OUT_OF_MEMORY if name in _OUT_OF_MEMORY_ERRORS else EndingKind.SCRIPT_ERROR
    return Ending(kind, error, state.exit_code)


def _without_result(state: ContainerState) -> Ending:
    code = state.exit_code
    if state.missing:
        return Ending(EndingKind.CRASHED, "The container is gone and left no result.", code)
    if code is None or code > 128:
        cause = f"was killed by signal {code - 128}" if code else "died"
        return Ending(EndingKind.CRASHED, f"The container {cause} and left no result.", code)
    if code == DISK_FULL:
        return Ending(EndingKind.CRASHED, "The disk of the host is full; the training could not go on.", code)
    if code in (HARNESS_FAILED, NEVER_CALLED) or 125 <= code <= 128:
        return Ending(EndingKind.CRASHED, f"The training could not begin (exit code {code}).", code)
    reason = f"The script ended its process itself with exit code {code}, before a result could be written."
    return Ending(EndingKind.SCRIPT_ERROR, reason, code)
