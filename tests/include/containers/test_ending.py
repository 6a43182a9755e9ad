"""The design's table "how it ended", row by row."""

from __future__ import annotations

import pytest

from include.containers import ContainerState, EndingKind, Limits, Result, Stop, StoppedBy, classify

LIMITS = Limits(seconds=100)
FINISHED = Result("finished", accuracy=0.9)
FAILED = Result("failed", error="ValueError: bad shape")
OVER = Stop(StoppedBy.TIME_LIMIT, "over")
ENDED = Stop(StoppedBy.SUPERSEDED, "trial 2 ended the experiment")
TOO_MUCH = Stop(StoppedBy.DISK_QUOTA, "more than 50 MB of disk")
USER = Stop(StoppedBy.USER, "a person")
GAVE_UP = Stop(StoppedBy.MONITOR, "given up")


def state(status: str = "exited", exit_code: int | None = None, oom: bool = False) -> ContainerState:
    return ContainerState("e", 1, "id", "n", status, exit_code, oom, started_at=1000.0)


GONE = ContainerState("e", 1)


@pytest.mark.parametrize(
    ("seen", "result", "stop", "kind", "reason"),
    [
        (state("created"), None, None, EndingKind.RUNNING, "created"),
        (state("running"), None, None, EndingKind.RUNNING, "running"),
        (state("running"), FINISHED, None, EndingKind.RUNNING, "running"),
        (state("paused"), None, None, EndingKind.RUNNING, "paused"),
        (state("exited", 0), FINISHED, None, EndingKind.FINISHED, "to its end"),
        (state("exited", 139), FINISHED, None, EndingKind.FINISHED, "to its end"),
        (state("exited", 0, oom=True), FINISHED, None, EndingKind.FINISHED, "to its end"),
        (state("exited", 137), FINISHED, OVER, EndingKind.FINISHED, "to its end"),
        (GONE, FINISHED, None, EndingKind.FINISHED, "to its end"),
        (state("exited", 1), FAILED, None, EndingKind.SCRIPT_ERROR, "ValueError: bad shape"),
        (GONE, FAILED, None, EndingKind.SCRIPT_ERROR, "bad shape"),
        (state("exited", 0), None, None, EndingKind.SCRIPT_ERROR, "itself with exit code 0"),
        (state("exited", 3), None, None, EndingKind.SCRIPT_ERROR, "itself with exit code 3"),
        (state("exited", 137, oom=True), None, None, EndingKind.OUT_OF_MEMORY, "more than its 4 GiB"),
        (state("exited", 1, oom=True), FAILED, None, EndingKind.OUT_OF_MEMORY, "4 GiB"),
        (state("exited", 1), Result("failed", error="MemoryError"), None, EndingKind.OUT_OF_MEMORY, "Memory"),
        (
            state("exited", 1),
            Result("failed", error="ResourceExhaustedError: OOM when allocating"),
            None,
            EndingKind.OUT_OF_MEMORY,
            "OOM when",
        ),
        (state("exited", 143), None, OVER, EndingKind.TOO_SLOW, "over"),
        (GONE, None, OVER, EndingKind.TOO_SLOW, "over"),
        (state("exited", 137), None, TOO_MUCH, EndingKind.DISK_QUOTA, "50 MB of disk"),
        (state("exited", 143), None, USER, EndingKind.STOPPED, "a person"),
        (state("exited", 143), None, ENDED, EndingKind.SUPERSEDED, "trial 2"),
        (state("exited", 137), None, None, EndingKind.CRASHED, "signal 9"),
        (state("exited", 143), None, None, EndingKind.CRASHED, "signal 15"),
        (state("exited", 137), None, GAVE_UP, EndingKind.CRASHED, "signal 9"),
        (state("exited", 74), None, None, EndingKind.CRASHED, "disk of the host is full"),
        (state("exited", 70), None, None, EndingKind.CRASHED, "could not begin"),
        (state("exited", 127), None, None, EndingKind.CRASHED, "could not begin"),
        (state("dead", None), None, None, EndingKind.CRASHED, "died"),
        (GONE, None, None, EndingKind.CRASHED, "is gone"),
    ],
)
def test_each_way_to_end(
    seen: ContainerState, result: Result | None, stop: Stop | None, kind: EndingKind, reason: str
) -> None:
    ending = classify(seen, result, LIMITS, now=1050.0, stop=stop)
    assert ending.kind is kind
    assert reason in ending.reason
    assert ending.exit_code == seen.exit_code


@pytest.mark.parametrize(("now", "kind"), [(1100.0, EndingKind.RUNNING), (1100.1, EndingKind.TOO_SLOW)])
def test_running_past_its_limit_is_too_slow(now: float, kind: EndingKind) -> None:
    assert classify(state("running"), None, LIMITS, now).kind is kind


def test_a_refused_result_is_the_scripts_own_error() -> None:
    ending = classify(state("exited", 0), None, LIMITS, 1050.0, refused="it is not a regular file")
    assert ending.kind is EndingKind.SCRIPT_ERROR
    assert ending.reason == "Its result document was refused: it is not a regular file."
