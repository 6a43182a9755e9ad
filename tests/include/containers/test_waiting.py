"""Containers that wait for their trial, on a real engine: called, thrown away, relaunched."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from include.containers import (
    ActiveTrial,
    ContainerState,
    EndingKind,
    Engine,
    Limits,
    Policy,
    TrainingWatch,
    begin_training,
    monitor_once,
    read_spec,
)
from include.containers.spec import MIB
from include.containers.waiting import CALL_SECONDS, dismiss, start_waiting, waits
from tests.include.containers.support import MakeTrial, Trial, comparable, ended, wait_until

pytestmark = pytest.mark.docker

CALLED = "while test -f /trial/in/wait.json && ! test -f /trial/in/go.json; do sleep 0.02; done"
RESULT = '{"status": "finished", "accuracy": 0.5}'
FINISH = f"cat /mlops/program; echo '{RESULT}' > /trial/out/result.json; exit 0"
LIMITS = Limits(memory_bytes=64 * MIB, seconds=60)


@pytest.fixture
def trial(make_trial: MakeTrial) -> Trial:
    """Give a trial that is not laid out, whose program waits for its call and then finishes."""
    return make_trial(f"echo up; {CALLED}; {FINISH}", limits=LIMITS)


def lay_out(trial: Trial) -> None:
    (trial.folder / "work" / "program").write_text("trained\n")


def begin(engine: Engine, trial: Trial) -> ContainerState:
    lay_out(trial)
    begun = begin_training(engine, trial.request, sleep=lambda _: None)
    assert isinstance(begun, ContainerState)
    return begun


def log_of(engine: Engine, trial: Trial) -> str:
    watch = TrainingWatch(engine, trial.folder)
    while (outcome := watch.look(time.time())) is None:
        time.sleep(0.05)
    assert outcome.ending is EndingKind.FINISHED, outcome.reason
    watch.finish(outcome)
    return (trial.folder / "log.txt").read_text()


def test_a_trial_is_trained_in_the_container_that_waited_for_it(engine: Engine, trial: Trial) -> None:
    waiting = start_waiting(engine, trial.spec, trial.folder, keras=None)
    assert waits(trial.folder)
    begun = begin(engine, trial)
    assert begun.id == waiting.id
    assert not waits(trial.folder)
    assert log_of(engine, trial) == f"==> {trial.spec.name} <==\nup\ntrained\n"
    assert len(engine.find(trial.experiment)) == 1


def test_the_harness_is_told_which_keras_to_import(engine: Engine, trial: Trial) -> None:
    start_waiting(engine, trial.spec, trial.folder, keras="legacy")
    document = json.loads((trial.folder / "in" / "wait.json").read_text())
    assert document["keras"] == "legacy"
    assert 60 < document["seconds"] < 120  # longer than it may be called, shorter than a stray's grace


def test_to_the_engine_it_is_the_container_that_would_be_launched(engine: Engine, trial: Trial) -> None:
    waiting = start_waiting(engine, trial.spec, trial.folder, keras=None)
    waited = comparable(engine, waiting)
    begun = begin(engine, trial)
    engine.remove(str(begun.id))
    spec = read_spec(trial.folder)
    assert spec is not None
    assert comparable(engine, engine.launch(spec, relaunch=1)) == waited


@pytest.mark.parametrize(
    "changed",
    [
        {"limits": replace(LIMITS, cpus=0.5)},
        {"labels": {"cnn.run_id": "another"}},
        {"environment": {"A": "1"}},
    ],
    ids=["limits", "labels", "environment"],
)
def test_one_that_is_not_as_configured_now_is_thrown_away(
    engine: Engine, trial: Trial, changed: dict[str, object]
) -> None:
    waiting = start_waiting(engine, trial.spec, trial.folder, keras=None)
    if isinstance(labels := changed.get("labels"), dict):
        changed = {"labels": {**trial.spec.labels, **labels}}
    begun = begin(engine, trial.changed(**changed))
    assert begun.id != waiting.id
    assert [state.id for state in engine.find(trial.experiment)] == [begun.id]
    assert "trained" in log_of(engine, trial)


def test_one_that_ended_by_itself_is_thrown_away(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(f"test -f /trial/in/wait.json && exit 75; {FINISH}", limits=LIMITS)
    start_waiting(engine, trial.spec, trial.folder, keras=None)
    wait_until(engine, trial, ended)
    begin(engine, trial)
    assert "trained" in log_of(engine, trial)


def test_one_that_was_taken_away_is_replaced(engine: Engine, trial: Trial) -> None:
    waiting = start_waiting(engine, trial.spec, trial.folder, keras=None)
    engine.remove(str(waiting.id))  # as at `make down`
    begin(engine, trial)
    assert "trained" in log_of(engine, trial)


def test_one_that_has_waited_for_long_is_thrown_away(
    engine: Engine, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = start_waiting(engine, trial.spec, trial.folder, keras=None)
    later = time.time() + CALL_SECONDS + 1
    monkeypatch.setattr("include.containers.training.time.time", lambda: later)
    assert begin(engine, trial).id != waiting.id


def test_a_training_that_waited_is_relaunched_like_any_other(engine: Engine, make_trial: MakeTrial) -> None:
    crash = "test -f /trial/out/again || { touch /trial/out/again; kill -9 $$; }"
    trial = make_trial(f"{CALLED}; {crash}; {FINISH}", limits=LIMITS)
    start_waiting(engine, trial.spec, trial.folder, keras=None)
    begin(engine, trial)
    wait_until(engine, trial, ended)
    active = ActiveTrial(trial.experiment, trial.number, trial.spec, trial.folder / "out")
    assert [line.relaunch for line in monitor_once(engine, [active], policy=Policy(delays=(0,)))] == [1]
    assert "trained" in log_of(engine, trial)


def test_one_whose_worker_died_before_it_called_is_called_by_the_next_try(
    engine: Engine, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = start_waiting(engine, trial.spec, trial.folder, keras=None)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt("the worker's end")

    with monkeypatch.context() as patched:
        patched.setattr("include.containers.training.call", killed)
        with pytest.raises(KeyboardInterrupt, match="the worker's end"):
            begin(engine, trial)
    assert begin(engine, trial).id == waiting.id
    assert "trained" in log_of(engine, trial)


def test_one_whose_worker_died_before_it_called_is_called_by_its_relaunch(
    engine: Engine, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = start_waiting(engine, trial.spec, trial.folder, keras=None)
    monkeypatch.setattr("include.containers.training.call", lambda *_: waiting)
    begin(engine, trial)
    engine.kill(str(waiting.id))
    wait_until(engine, trial, ended)
    active = ActiveTrial(trial.experiment, trial.number, trial.spec, trial.folder / "out")
    list(monitor_once(engine, [active], policy=Policy(delays=(0,))))
    assert "trained" in log_of(engine, trial)


def test_the_time_limit_counts_from_the_call(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(f"{CALLED}; exec sleep 60", limits=replace(LIMITS, seconds=30))
    waiting = start_waiting(engine, trial.spec, trial.folder, keras=None)
    time.sleep(1.5)
    begin(engine, trial)
    watch = TrainingWatch(engine, trial.folder)
    assert waiting.started_at is not None
    assert watch.look(waiting.started_at + 30.5) is None
    assert 0 < watch.seconds_left(waiting.started_at + 30.5) < 28.5
    outcome = watch.look(waiting.started_at + 100)
    assert outcome is not None
    assert outcome.ending is EndingKind.TOO_SLOW


def test_while_it_waits_the_monitor_leaves_it_alone(engine: Engine, trial: Trial) -> None:
    waiting = start_waiting(engine, trial.spec, trial.folder, keras=None)
    assert list(monitor_once(engine, [])) == []
    assert engine.observe(trial.experiment, trial.number).id == waiting.id


def test_one_that_is_forgotten_is_a_stray_in_time(engine: Engine, trial: Trial) -> None:
    start_waiting(engine, trial.spec, trial.folder, keras=None)
    monitor_once(engine, [], clock=lambda: time.time() + 121)
    assert engine.find(trial.experiment) == ()


def test_one_that_is_not_needed_is_removed(engine: Engine, trial: Trial) -> None:
    start_waiting(engine, trial.spec, trial.folder, keras=None)
    dismiss(engine, trial.experiment, trial.number, trial.folder)
    assert engine.find(trial.experiment) == ()
    assert not waits(trial.folder)


def test_a_training_is_never_dismissed(engine: Engine, trial: Trial) -> None:
    start_waiting(engine, trial.spec, trial.folder, keras=None)
    begin(engine, trial)
    dismiss(engine, trial.experiment, trial.number, trial.folder)
    assert "trained" in log_of(engine, trial)
