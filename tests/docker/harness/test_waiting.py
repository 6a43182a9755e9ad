"""Containers that wait for their trial, with real Keras: called, never called, and as good as any other."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from include.containers import GIB, Engine, Limits, Mount, read_result
from include.containers.result import Result
from tests.include.containers.support import MakeTrial, Trial, ended, engine, make_trial, wait_until

__all__ = ["engine", "make_trial"]

pytestmark = pytest.mark.docker

HARNESS = Path(__file__).resolve().parents[3] / "docker" / "harness"

SCRIPT = """
import sys
watched = {"keras", "tf_keras", "sklearn", "matplotlib", "cv2"}
print("LOADED", sorted(watched & set(sys.modules)), sys.argv[1:])
import keras, numpy as np
x, y = np.random.rand(64, 8, 8, 1), np.random.randint(0, 2, 64)
model = keras.Sequential([
    keras.layers.Input((8, 8, 1)), keras.layers.Conv2D(2, 3), keras.layers.Flatten(),
    keras.layers.Dropout(0.2), keras.layers.Dense(2, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=2, validation_split=0.25, verbose=0)
print("WRAPPER", keras.wrappers.SKLearnClassifier.__name__, "sklearn" in sys.modules)
"""


@pytest.fixture
def trial(make_trial: MakeTrial) -> Trial:
    """Give a trial whose folders are empty."""
    made = make_trial(None, limits=Limits(memory_bytes=2 * GIB))
    for name in ("work", "out"):
        (made.folder / name).chmod(0o777)
    mounts = (*made.spec.mounts, Mount(str(HARNESS), "/opt/harness"))
    return replace(made, spec=replace(made.spec, mounts=mounts))


def ask_to_wait(trial: Trial, seconds: float, keras: str | None = None) -> None:
    (trial.folder / "in" / "wait.json").write_text(json.dumps({"keras": keras, "seconds": seconds}))


def lay_out(trial: Trial, keras: str | None = None) -> None:
    (trial.folder / "work" / "program.py").write_text(SCRIPT)
    launch = {"script": "program.py", "working_directory": "/mlops", "seed": 1, "arguments": ["--n", "3"]}
    (trial.folder / "in" / "launch.json").write_text(json.dumps({**launch, "keras": keras}))


def call(trial: Trial) -> None:
    (trial.folder / "in" / "go.json").write_text("{}")


def log_of(engine: Engine, trial: Trial) -> str:
    state = engine.observe(trial.experiment, trial.number)
    return b"".join(engine.logs(str(state.id))).decode()


def wait_for(engine: Engine, trial: Trial, text: str) -> None:
    while text not in (log := log_of(engine, trial)):
        assert engine.observe(trial.experiment, trial.number).alive, log
        time.sleep(0.1)


def trained(engine: Engine, trial: Trial) -> tuple[Result, str]:
    wait_until(engine, trial, ended)
    log = log_of(engine, trial)
    result = read_result(trial.folder / "out")
    assert result is not None, log
    return result, log


def test_a_trial_that_comes_to_a_waiting_container_trains_as_in_its_own(engine: Engine, trial: Trial) -> None:
    ask_to_wait(trial, 300)
    engine.launch(trial.spec)
    wait_for(engine, trial, "waiting for its trial")
    assert list((trial.folder / "out").iterdir()) == []
    lay_out(trial)
    time.sleep(1)
    assert "LOADED" not in log_of(engine, trial)  # what it needs is there, but nobody has called
    call(trial)
    waited, log = trained(engine, trial)
    assert "LOADED ['keras'] ['--n', '3']" in log

    for name in ("wait.json", "go.json"):
        (trial.folder / "in" / name).unlink()
    (trial.folder / "out" / "heartbeat").unlink()
    engine.launch(trial.spec, relaunch=1)
    cold, log = trained(engine, trial)
    assert "waiting" not in log
    assert "WRAPPER SKLearnClassifier True" in log
    assert cold.accuracy == waited.accuracy is not None
    figures = [[(e.loss, e.val_loss, e.val_accuracy) for e in result.history] for result in (waited, cold)]
    assert figures[0] == figures[1]


def test_a_container_that_was_called_does_not_wait_when_it_is_launched_again(
    engine: Engine, trial: Trial
) -> None:
    ask_to_wait(trial, 300)
    lay_out(trial)
    call(trial)
    engine.launch(trial.spec)
    _, log = trained(engine, trial)
    assert "waiting" not in log


def test_a_container_waits_with_the_keras_of_an_old_script(engine: Engine, trial: Trial) -> None:
    ask_to_wait(trial, 300, "legacy")
    engine.launch(trial.spec)
    wait_for(engine, trial, "waiting for its trial")
    lay_out(trial, "legacy")
    (trial.folder / "work" / "program.py").write_text("import keras; print('KERAS', keras.__version__)")
    call(trial)
    _, log = trained(engine, trial)
    assert "KERAS 2." in log


def test_a_container_that_nobody_calls_ends_by_itself(engine: Engine, trial: Trial) -> None:
    ask_to_wait(trial, 0.1)
    engine.launch(trial.spec)
    state = wait_until(engine, trial, ended)
    assert state.exit_code == 75
    assert "was not needed for 0.1 s" in log_of(engine, trial)
    assert list((trial.folder / "out").iterdir()) == []
