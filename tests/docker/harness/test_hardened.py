"""A whole training as the train task launches it: hardened container, harness, real Keras."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from include.containers import (
    GIB,
    EndingKind,
    Engine,
    Limits,
    Mount,
    TrainingWatch,
    begin_training,
    copy_model,
    heartbeat_age,
    read_metrics,
    read_result,
)
from tests.include.containers.support import MakeTrial, engine, make_trial

__all__ = ["engine", "make_trial"]

pytestmark = pytest.mark.docker

HARNESS = Path(__file__).resolve().parents[3] / "docker" / "harness"

SCRIPT = """
import keras, numpy as np
x, y = np.random.rand(64, 8, 8, 1), np.random.randint(0, 2, 64)
model = keras.Sequential([
    keras.layers.Input((8, 8, 1)), keras.layers.Conv2D(2, 3), keras.layers.Flatten(),
    keras.layers.Dense(2, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=1, validation_split=0.25)
open("PLACE/accuracy.txt", "w").write("62.5%")
"""


@pytest.mark.parametrize("place", ["/mlops", "/root/mlops1"])
def test_a_pushed_script_trains_in_a_hardened_container_wherever_it_is_mounted(
    engine: Engine, make_trial: MakeTrial, tmp_path: Path, place: str
) -> None:
    trial = make_trial(None, limits=Limits(memory_bytes=2 * GIB))
    mounts = [replace(one, target=place) if one.target == "/mlops" else one for one in trial.spec.mounts]
    trial = replace(trial, spec=replace(trial.spec, mounts=(*mounts, Mount(str(HARNESS), "/opt/harness"))))
    (trial.folder / "work" / "program.py").write_text(SCRIPT.replace("PLACE", place))
    launch = {"script": "program.py", "working_directory": place, "seed": 1}
    (trial.folder / "in" / "launch.json").write_text(json.dumps(launch))
    begin_training(engine, trial.request)
    watch = TrainingWatch(engine, trial.folder)
    while (outcome := watch.look(time.time())) is None:
        time.sleep(0.2)
    watch.finish(outcome)
    out = trial.folder / "out"
    result = read_result(out)
    assert outcome.ending is EndingKind.FINISHED, (trial.folder / "log.txt").read_text()
    assert result is not None
    assert (result.accuracy, result.accuracy_source) == (0.625, "accuracy.txt")
    assert read_metrics(out) == result.history
    assert heartbeat_age(out, time.time()) is not None
    assert copy_model(out, result, tmp_path / "copy").read_bytes()[:2] == b"PK"
    assert (out / "result.json").stat().st_uid == int(trial.spec.user.split(":")[0])
