"""The monitor's rounds over real containers."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from include.containers import (
    Action,
    ActiveTrial,
    ContainerState,
    EndingKind,
    Engine,
    Policy,
    Stop,
    StoppedBy,
    TrainingWatch,
    begin_training,
    monitor_once,
    read_spec,
    read_stop,
    record_stop,
)
from tests.include.containers.support import MakeTrial, Trial, comparable, ended, wait_until

pytestmark = pytest.mark.docker

QUICK = Policy(delays=(0.2, 0.2), launch=0, slow=0, stray=0)
IMPATIENT = replace(QUICK, hang=0.5)


def begin(engine: Engine, trial: Trial) -> ContainerState:
    begun = begin_training(engine, trial.request)
    assert isinstance(begun, ContainerState)
    return begun


def active(trial: Trial, **fields: Any) -> ActiveTrial:
    spec = read_spec(trial.folder)
    assert spec is not None
    return ActiveTrial(trial.experiment, trial.number, spec, trial.folder / "out", **fields)


def beating(engine: Engine, trial: Trial) -> None:
    while not (trial.folder / "out" / "heartbeat").exists():
        time.sleep(0.02)


BEAT = "while :; do touch /trial/out/heartbeat; sleep 0.1; done"


def test_a_training_that_is_well_is_left_alone(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(BEAT)
    begin(engine, trial)
    beating(engine, trial)
    assert monitor_once(engine, [active(trial)], policy=QUICK) == []


def test_a_killed_container_is_relaunched_the_same(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(BEAT)
    first = begin(engine, trial)
    engine.kill(str(first.id))
    wait_until(engine, trial, ended)
    (line,) = monitor_once(engine, [active(trial)], policy=QUICK)
    assert (line.action, line.relaunch, line.done) == (Action.RELAUNCH, 1, True)
    assert "signal 9" in line.reason
    second = engine.observe(trial.experiment, trial.number)
    assert (second.status, second.relaunch, second.id) == ("running", 1, line.container_id)
    assert comparable(engine, second) == comparable(engine, first)


def test_a_removed_container_is_made_again_the_same(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(BEAT)
    first = begin(engine, trial)
    before = comparable(engine, first)
    engine.remove(str(first.id))
    (line,) = monitor_once(engine, [active(trial)], policy=QUICK)
    assert (line.action, line.relaunch) == (Action.RELAUNCH, 1)
    assert comparable(engine, engine.observe(trial.experiment, trial.number)) == before


def test_a_silent_container_is_killed_and_relaunched(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("sleep 60")
    first = begin(engine, trial)
    time.sleep(IMPATIENT.hang)
    lines = monitor_once(engine, [active(trial)], policy=IMPATIENT)
    assert [line.action for line in lines] == [Action.KILL_HUNG, Action.RELAUNCH]
    assert engine.observe(trial.experiment, trial.number).id != first.id


def test_a_crash_loop_is_given_up(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("kill -9 $$")
    begin(engine, trial)
    actions = []
    for _ in range(4):
        wait_until(engine, trial, ended)
        actions += [line.action for line in monitor_once(engine, [active(trial)], policy=QUICK)]
    assert actions == [Action.RELAUNCH, Action.RELAUNCH, Action.GIVE_UP]
    outcome = TrainingWatch(engine, trial.folder).look(time.time())
    assert outcome is not None
    assert outcome.ending is EndingKind.CRASHED
    assert "relaunched 2 times; given up" in outcome.reason


def test_a_deliberate_stop_during_the_pause_is_obeyed(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("kill -9 $$")
    begin(engine, trial)
    wait_until(engine, trial, ended)

    def a_person_ends_it(_: float) -> None:
        record_stop(trial.folder, Stop(StoppedBy.USER, "A person."))

    policy = replace(QUICK, delays=(60,))
    assert monitor_once(engine, [active(trial)], policy=policy, sleep=a_person_ends_it) == []


def test_an_overrun_that_no_trigger_stopped_is_stopped(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(f"trap 'exit 143' TERM; {BEAT}")
    trial = trial.changed(limits=replace(trial.spec.limits, seconds=0.3))
    begin(engine, trial)
    time.sleep(0.3)
    (line,) = monitor_once(engine, [active(trial)], policy=QUICK)
    assert line.action is Action.STOP
    stop = read_stop(trial.folder)
    assert stop is not None
    assert stop.by is StoppedBy.TIME_LIMIT


def test_a_relaunch_that_fails_says_so(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("kill -9 $$")
    begin(engine, trial)
    wait_until(engine, trial, ended)
    lost = active(trial)
    lost = replace(lost, spec=replace(lost.spec, image_id="no-such-image:1"))
    (line,) = monitor_once(engine, [lost], policy=QUICK)
    assert (line.action, line.done) == (Action.RELAUNCH, False)
    assert "no-such-image:1" in line.reason


def test_containers_of_no_active_trial_are_removed(engine: Engine, make_trial: MakeTrial) -> None:
    mine, stray = make_trial(BEAT), make_trial(BEAT)
    begin(engine, mine)
    begin(engine, stray)
    beating(engine, mine)
    actions = {line.experiment: line.action for line in monitor_once(engine, [active(mine)], policy=QUICK)}
    assert actions[stray.experiment] is Action.REMOVE_STRAY
    assert engine.observe(stray.experiment, stray.number).missing
    assert engine.observe(mine.experiment, mine.number).status == "running"


def test_two_rounds_at_once_relaunch_once(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(BEAT)
    engine.kill(str(begin(engine, trial).id))
    wait_until(engine, trial, ended)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: monitor_once(engine, [active(trial)], policy=QUICK), range(2)))
    assert [state.relaunch for state in engine.find(trial.experiment)] == [0, 1]
