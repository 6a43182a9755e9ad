"""A real training container, killed by `docker kill` in mid-training and relaunched by the monitor."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from include.containers import (
    GIB,
    ActiveTrial,
    EndingKind,
    Engine,
    Limits,
    Mount,
    Policy,
    TrainingWatch,
    begin_training,
    monitor_once,
    read_metrics,
    read_result,
)
from include.containers.pruning import request_end
from include.containers.result import Result
from tests.include.containers.support import MakeTrial, Trial, engine, make_trial

__all__ = ["engine", "make_trial"]

pytestmark = pytest.mark.docker

HARNESS = Path(__file__).resolve().parents[3] / "docker" / "harness"

SCRIPT = """
import os, time, keras, numpy as np
os.makedirs("results")  # fails where it is there already
rng = np.random.RandomState(3)
x = rng.rand(256, 8, 8, 1).astype("float32"); y = (x.mean((1, 2, 3)) > 0.5).astype(int)
model = keras.Sequential([
    keras.layers.Input((8, 8, 1)), keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.Flatten(),
    keras.layers.Dropout(0.3), keras.layers.Dense(2, activation="softmax")])
model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
slow = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: time.sleep(SLEEP if epoch >= 3 else 0))
history = model.fit(x, y, epochs=EPOCHS, verbose=0, callbacks=[slow], validation_split=0.5)
assert len(history.epoch) == len(history.history["loss"])
"""


def training(make_trial: MakeTrial, epochs: int, sleep: float) -> Trial:
    trial = make_trial(None, limits=Limits(memory_bytes=2 * GIB, seconds=300))
    mounts = (*trial.spec.mounts, Mount(str(HARNESS), "/opt/harness"))
    trial = replace(trial, spec=replace(trial.spec, mounts=mounts))
    script = SCRIPT.replace("SLEEP", str(sleep)).replace("EPOCHS", str(epochs))
    (trial.folder / "work" / "program.py").write_text(script)
    launch = {"script": "program.py", "working_directory": "/mlops", "seed": 1}
    (trial.folder / "in" / "launch.json").write_text(json.dumps(launch))
    return trial


def wait_for_epochs(trial: Trial, number: int) -> None:
    while len(read_metrics(trial.folder / "out")) < number:
        time.sleep(0.05)


def result_of(engine: Engine, trial: Trial) -> Result:
    watch = TrainingWatch(engine, trial.folder)
    while (outcome := watch.look(time.time())) is None:
        time.sleep(0.2)
    watch.finish(outcome)
    assert outcome.ending is EndingKind.FINISHED, (trial.folder / "log.txt").read_text()
    result = read_result(trial.folder / "out")
    assert result is not None
    return result


def test_a_training_killed_by_the_engine_ends_as_if_nothing_had_happened(
    engine: Engine, make_trial: MakeTrial
) -> None:
    whole, broken = (training(make_trial, 8, sleep) for sleep in (0, 2))
    begin_training(engine, whole.request)
    expected = result_of(engine, whole)

    state = begin_training(engine, broken.request)
    wait_for_epochs(broken, 4)
    engine.kill(str(getattr(state, "id", "")))
    active = ActiveTrial(broken.experiment, broken.number, broken.spec, broken.folder / "out")
    (line,) = monitor_once(engine, [active], policy=Policy(delays=(0,), stray=3600))
    assert (line.done, line.relaunch) == (True, 1), line.reason
    result = result_of(engine, broken)

    assert result.resumed
    assert result.accuracy == expected.accuracy is not None
    same = [(e.epoch, e.loss, e.val_loss, e.val_accuracy) for e in expected.history]
    assert [(e.epoch, e.loss, e.val_loss, e.val_accuracy) for e in result.history] == same
    log = (broken.folder / "log.txt").read_text()
    assert "launched again: it goes on after epoch" in log
    assert "after epoch 1\n" not in log


def test_a_training_that_is_asked_to_end_goes_on_to_its_scripts_end(
    engine: Engine, make_trial: MakeTrial
) -> None:
    trial = training(make_trial, 50, 1)
    begin_training(engine, trial.request)
    wait_for_epochs(trial, 4)
    request_end(trial.folder, "It is behind the others.")
    result = result_of(engine, trial)
    assert result.pruned_after == len(result.history) < 50
    assert result.history[-1].planned == 50
    assert result.accuracy is not None
