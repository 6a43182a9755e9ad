"""A push with a tweak script of its own, as the seed's developers write it: from the push to the mail."""

import subprocess
from pathlib import Path

import pytest

import docker
from include.containers.tweak_spec import STEP_EXPERIMENT
from include.experiments.records import State
from tests.e2e.scripts import DATA
from tests.e2e.world import World

pytestmark = pytest.mark.e2e

NETWORK = """\
import keras
import numpy as np
from keras.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D

with np.load("mnist.npz") as images:
    x_train, y_train = images["x_train"][:1500] / 255.0, images["y_train"][:1500]
    x_test, y_test = images["x_test"][:500] / 255.0, images["y_test"][:500]

model = keras.Sequential([Input((28, 28, 1))])
for _ in range(int(input("conv layers? "))):
    filters, size, pool = int(input()), int(input()), int(input())
    model.add(Conv2D(filters, (size, size), activation="relu"))
    model.add(MaxPooling2D((pool, pool)))
model.add(Flatten())
for _ in range(int(input("dense layers? "))):
    model.add(Dense(int(input()), activation="relu"))
model.add(Dense(10, activation="softmax"))
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train[..., None], y_train, epochs=2, batch_size=32, verbose=2)
loss, accuracy = model.evaluate(x_test[..., None], y_test, verbose=0)
with open("accuracy.txt", "r+") as file:
    file.write("%.6f" % (accuracy * 100))
"""

DOUBLES = """\
accuracy = float(open("accuracy.txt").read())
best = float(open("data.txt").read())
numbers = open("input.txt").read().split()
numbers[1] = str(2 * int(numbers[1]))
open("input.txt", "w").write("\\n".join(numbers))
open("data.txt", "w").write(str(max(accuracy, best)))
"""

PUSHED: dict[str, str | Path] = {
    "mycode.py": NETWORK,
    "input.txt": "1\n4\n3\n8\n0",
    "accuracy.txt": "00.00000",
    "data.txt": "0",
    "tweak.py": DOUBLES,
    **DATA,
}


def test_the_developers_own_script_tweaks_until_the_target_is_met(world: World, tmp_path: Path) -> None:
    push = world.push("tweaked", PUSHED, tmp_path / "push")
    experiment = world.ended(f"admin/tweaked@{push.sha}", seconds=420)
    trials = experiment.trials()
    assert experiment.state is State.TARGET_MET
    assert len(trials) >= 3
    assert [trial.values["conv1.filters"] for trial in trials] == [4 * 2**n for n in range(len(trials))]
    assert [trial.accuracy_source for trial in trials] == ["accuracy.txt"] * len(trials)
    assert trials[1].reason == "filters of conv 1: 4 → 8, by tweak.py"
    assert {world.finished("tweaked", trial.run_id) for trial in trials} == {"success"}

    (mail,) = world.mails(push.sha)
    files = {str(part.get_filename()): part.get_content() for part in mail.iter_attachments()}
    assert files["input.txt"].split() == ["1", str(4 * 2 ** (len(trials) - 1)), "3", "8", "0"]
    (tmp_path / "winning.patch").write_bytes(files["winning.patch"].encode())
    folder = tmp_path / "push"
    subprocess.run(["git", "apply", tmp_path / "winning.patch"], cwd=folder, check=True)
    best = world.stage.settings.trial(str(experiment), len(trials)) / "work"
    assert (folder / "input.txt").read_bytes() == (best / "input.txt").read_bytes()


def test_an_error_of_it_ends_the_experiment_with_one_mail_and_green_runs(
    world: World, tmp_path: Path
) -> None:
    broken = DOUBLES.replace("str(2 * int(numbers[1]))", 'str(2 * int(numbers["1"]))')
    push = world.push("tweaked", {**PUSHED, "tweak.py": broken}, tmp_path)
    experiment = world.ended(f"admin/tweaked@{push.sha}")
    assert (experiment.state, len(experiment.trials())) == (State.TWEAK_ERROR, 1)
    (mail,) = world.mails(push.sha)
    assert str(mail["subject"]).startswith("tweak.py failed: TypeError in line 4")
    run = experiment.run_id(1)
    assert world.finished("tweaked", run) == "success"
    states = world.states("tweaked", run)
    assert (states["tweak"], states["notify_tweak_error"], states["retrain"]) == (
        "success",
        "success",
        "skipped",
    )


def test_no_container_of_a_tweak_script_is_left(world: World) -> None:
    assert docker.from_env().containers.list(all=True, filters={"label": STEP_EXPERIMENT}) == []
