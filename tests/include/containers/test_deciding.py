"""The monitor's decision for every observation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from include.containers import (
    Action,
    ActiveTrial,
    Cause,
    ContainerSpec,
    ContainerState,
    Ending,
    EndingKind,
    Interruption,
    Limits,
    Observation,
    Outcome,
    Policy,
    Stop,
    StoppedBy,
    decide,
)
from include.containers.deciding import is_stray, stop_of

NOW = 10_000.0
SPEC = ContainerSpec("image", ("true",), "name", limits=Limits(seconds=100))
TRIAL = ActiveTrial("e", 1, SPEC, Path("/t/out"))
RUNNING = ContainerState("e", 1, "id", "name", "running", created_at=NOW - 50, started_at=NOW - 50)
DEAD = ContainerState("e", 1, "id", "name", "exited", 137, started_at=NOW - 50, finished_at=NOW - 1)
GONE = ContainerState("e", 1)


def seen(
    kind: EndingKind,
    state: ContainerState,
    *,
    relaunches: int = 0,
    last_relaunch: float | None = None,
    heartbeat_age: float | None = 1.0,
    launched_at: float | None = NOW - 60,
    stop: Stop | None = None,
    stopped: str | None = None,
    outcome: Outcome | None = None,
    interrupted: float | None = None,
) -> Observation:
    trial = replace(TRIAL, relaunches=relaunches, last_relaunch=last_relaunch, stopped=stopped)
    taken = None if interrupted is None else Interruption(interrupted, "Stack stopped.")
    return Observation(trial, state, Ending(kind, "Why."), heartbeat_age, launched_at, stop, outcome, taken)


R, C, T = EndingKind.RUNNING, EndingKind.CRASHED, EndingKind.TOO_SLOW
CREATED = replace(RUNNING, status="created", started_at=None)
LONG = replace(RUNNING, started_at=NOW - 500)


@pytest.mark.parametrize(
    ("observation", "action", "reason"),
    [
        (seen(R, RUNNING), Action.NOTHING, "trains"),
        (seen(R, replace(RUNNING, status="paused")), Action.NOTHING, "paused"),
        (seen(R, replace(CREATED, created_at=NOW - 5)), Action.NOTHING, "being launched"),
        (seen(R, CREATED), Action.RELAUNCH, "never started"),
        (seen(R, LONG, heartbeat_age=119), Action.NOTHING, "trains"),
        (seen(R, LONG, heartbeat_age=121), Action.KILL_HUNG, "no heartbeat for 121 s"),
        (seen(R, LONG, heartbeat_age=None), Action.KILL_HUNG, "no heartbeat for 500 s"),
        (seen(R, RUNNING, heartbeat_age=400), Action.NOTHING, "trains"),  # of the launch before
        (seen(T, replace(RUNNING, started_at=NOW - 110)), Action.NOTHING, "trigger stops it"),
        (seen(T, replace(RUNNING, started_at=NOW - 140)), Action.STOP, "Why"),
        (seen(T, DEAD), Action.NOTHING, "ended"),
        (seen(EndingKind.FINISHED, DEAD), Action.NOTHING, "ended"),
        (seen(EndingKind.SCRIPT_ERROR, DEAD), Action.NOTHING, "ended"),
        (seen(EndingKind.OUT_OF_MEMORY, DEAD), Action.NOTHING, "ended"),
        (seen(C, DEAD, stop=Stop(StoppedBy.USER, "Person.")), Action.NOTHING, "deliberately: Person."),
        (seen(C, DEAD, stopped="Pruned."), Action.NOTHING, "deliberately: Pruned."),
        (seen(R, RUNNING, stop=Stop(StoppedBy.USER, "Person.")), Action.STOP, "still runs: Person."),
        (seen(C, DEAD, outcome=Outcome(C, "x")), Action.NOTHING, "on record: crashed"),
        (seen(C, GONE, outcome=Outcome(EndingKind.OUT_OF_MEMORY, "x")), Action.NOTHING, "out_of_memory"),
        (seen(C, GONE, launched_at=None), Action.NOTHING, "not launched yet"),
        (seen(C, GONE, launched_at=NOW - 5), Action.NOTHING, "not launched yet"),
        (seen(C, GONE), Action.RELAUNCH, "Why"),
        (seen(C, DEAD), Action.RELAUNCH, "Why"),
        (seen(C, DEAD, relaunches=5), Action.GIVE_UP, "relaunched 5 times; given up"),
        (seen(C, replace(DEAD, relaunch=5)), Action.GIVE_UP, "5 times"),
        (seen(C, GONE, interrupted=NOW - 9), Action.GO_ON, "Stack stopped"),
        (seen(C, GONE, interrupted=NOW - 9, launched_at=NOW - 10), Action.GO_ON, "Stack stopped"),
        (seen(C, GONE, interrupted=NOW - 9, relaunches=5), Action.GO_ON, "Stack stopped"),
        (seen(C, GONE, interrupted=NOW - 70), Action.RELAUNCH, "Why"),  # launched since
        (seen(C, GONE, interrupted=NOW - 9, last_relaunch=NOW - 8), Action.RELAUNCH, "Why"),
        (seen(C, DEAD, interrupted=NOW - 9), Action.RELAUNCH, "Why"),  # it died, nobody took it away
        (seen(C, GONE, interrupted=NOW - 9, stop=Stop(StoppedBy.USER, "Person.")), Action.NOTHING, "Person."),
    ],
)
def test_each_decision(observation: Observation, action: Action, reason: str) -> None:
    decision = decide(observation, NOW)
    assert decision.action is action
    assert reason in decision.reason


@pytest.mark.parametrize(
    ("observation", "cause"),
    [
        (seen(R, RUNNING), Cause.NONE),
        (seen(C, DEAD), Cause.DIED),
        (seen(C, DEAD, relaunches=5), Cause.DIED),
        (seen(C, GONE), Cause.VANISHED),
        (seen(C, GONE, interrupted=NOW - 9), Cause.INTERRUPTED),
        (seen(R, CREATED), Cause.NEVER_STARTED),
        (seen(R, LONG, heartbeat_age=121), Cause.HUNG),
        (seen(T, LONG), Cause.OVERDUE),
        (seen(R, RUNNING, stop=Stop(StoppedBy.USER, "Person.")), Cause.STOPPED),
    ],
)
def test_each_decision_names_its_cause(observation: Observation, cause: Cause) -> None:
    assert decide(observation, NOW).cause is cause


def test_a_training_that_goes_on_keeps_its_number() -> None:
    assert decide(seen(C, GONE, relaunches=2, interrupted=NOW - 9), NOW).relaunch == 2


@pytest.mark.parametrize(("done", "delay"), list(enumerate((1, 2, 4, 8, 16))))
def test_each_relaunch_waits_twice_as_long(done: int, delay: float) -> None:
    decision = decide(seen(C, DEAD, relaunches=done), NOW)
    assert (decision.relaunch, decision.not_before) == (done + 1, NOW - 1 + delay)


def test_a_vanished_container_waits_from_its_last_relaunch() -> None:
    decision = decide(seen(C, GONE, relaunches=3, last_relaunch=NOW - 2), NOW)
    assert decision.not_before == NOW - 2 + 8


def test_the_label_counts_when_the_store_missed_a_relaunch() -> None:
    assert decide(seen(C, replace(DEAD, relaunch=2), relaunches=1), NOW).relaunch == 3


def test_the_patience_is_the_policys() -> None:
    policy = Policy(delays=(0,), hang=5)
    assert decide(seen(C, DEAD, relaunches=1), NOW, policy).action is Action.GIVE_UP
    assert decide(seen(R, RUNNING, heartbeat_age=6), NOW, policy).action is Action.KILL_HUNG


def test_what_goes_on_record_tells_giving_up_from_the_time_limit() -> None:
    assert stop_of(decide(seen(C, DEAD, relaunches=5), NOW)).by is StoppedBy.MONITOR
    assert stop_of(decide(seen(T, LONG), NOW)).by is StoppedBy.TIME_LIMIT


@pytest.mark.parametrize(
    ("state", "newest", "stray"),
    [
        (RUNNING, {}, "no active trial"),
        (DEAD, {}, None),  # no creation time known
        (replace(DEAD, created_at=NOW - 50), {}, "no active trial"),
        (replace(RUNNING, created_at=NOW - 5), {}, None),
        (RUNNING, {("e", 1): 0}, None),
        (RUNNING, {("e", 2): 0}, "no active trial"),
        (RUNNING, {("e", 1): 1}, "superseded by relaunch 1"),
        (replace(DEAD, created_at=NOW - 50), {("e", 1): 1}, None),  # its log is still wanted
    ],
)
def test_strays_are_told_from_containers_in_use(
    state: ContainerState, newest: dict[tuple[str, int], int], stray: str | None
) -> None:
    why = is_stray(state, newest, NOW, grace=20)
    assert why is None if stray is None else stray in str(why)
