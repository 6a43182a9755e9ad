"""A larger network begins with what a smaller one has learnt: with real Keras, in the training image."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from include.containers import DEFAULT_IMAGE

pytestmark = pytest.mark.docker

HARNESS = Path(__file__).resolve().parents[3] / "docker" / "harness"

SAME = "Conv2D({0}, 3, padding='same', activation='relu')"
PAIRS: dict[str, tuple[str, str]] = {
    "wider_conv": (
        "[Conv2D(4, 3, activation='relu'), MaxPooling2D(2), Flatten(), Dense(5)]",
        "[Conv2D(9, 3, activation='relu'), MaxPooling2D(2), Flatten(), Dense(5)]",
    ),
    "two_wider_convs_with_batch_normalization": (
        "[Conv2D(4, 3), BatchNormalization(), Activation('relu'), Conv2D(6, 3, strides=2, activation='relu'),"
        " GlobalAveragePooling2D(), Dropout(0.5), Dense(5)]",
        "[Conv2D(8, 3), BatchNormalization(), Activation('relu'), Conv2D(9, 3, strides=2, activation='relu'),"
        " GlobalAveragePooling2D(), Dropout(0.2), Dense(5)]",
    ),
    "wider_dense": (
        "[Conv2D(4, 3, activation='tanh'), Flatten(), Dense(8, activation='tanh'), Dense(5)]",
        "[Conv2D(4, 3, activation='tanh'), Flatten(), Dense(20, activation='tanh'), Dense(5)]",
    ),
    "deeper_dense": (
        "[Flatten(), Dense(8, activation='relu'), Dense(5, activation='softmax')]",
        "[Flatten(), Dense(8, activation='relu'), Dense(12, activation='relu'),"
        " Dense(5, activation='softmax')]",
    ),
    "deeper_and_wider_conv": (
        f"[{SAME.format(4)}, MaxPooling2D(2), Flatten(), Dense(5)]",
        f"[{SAME.format(6)}, {SAME.format(10)}, MaxPooling2D(2), Flatten(), Dense(5)]",
    ),
    "larger_kernel": (
        f"[{SAME.format(4)}, Flatten(), Dense(5)]",
        f"[{SAME.format(4).replace('3', '5')}, Flatten(), Dense(5)]",
    ),
    "from_even_to_odd_kernel": (
        f"[{SAME.format(4).replace('3', '2')}, Flatten(), Dense(5)]",
        f"[{SAME.format(4)}, Flatten(), Dense(5)]",
    ),
    "deeper_with_pooling": (
        f"[{SAME.format(4)}, Flatten(), Dense(8, activation='relu'), Dense(5)]",
        f"[{SAME.format(4)}, {SAME.format(8)}, MaxPooling2D(2), Flatten(), Dense(8, activation='relu'),"
        " Dense(5)]",
    ),
    "deeper_after_tanh": (
        "[Flatten(), Dense(8, activation='tanh'), Dense(5)]",
        "[Flatten(), Dense(8, activation='tanh'), Dense(8, activation='relu'), Dense(5)]",
    ),
    "the_same": ("[Flatten(), Dense(8), Dense(5)]", "[Flatten(), Dense(8), Dense(5)]"),
    "smaller": ("[Flatten(), Dense(8), Dense(5)]", "[Flatten(), Dense(4), Dense(5)]"),
    "narrower_and_deeper": (
        "[Flatten(), Dense(8), Dense(5)]",
        "[Flatten(), Dense(4), Dense(4), Dense(5)]",
    ),
    "another_output": ("[Flatten(), Dense(8), Dense(5)]", "[Flatten(), Dense(16), Dense(6)]"),
}
KEPT = list(PAIRS)[:7]
FRONT = ["deeper_with_pooling", "deeper_after_tanh"]
COLD = ["the_same", "smaller", "narrower_and_deeper", "another_output"]

COMPARE = """
import json, os
from pathlib import Path
import keras, numpy as np
from keras.layers import *
from harness.net2net import grow
from harness.recording import Recording
from harness.warm_start import chain, describe, first_values, keep, read

def functional(layers):
    x = start = Input((12, 12, 3))
    for layer in layers: x = layer(x)
    return keras.Model(start, x)

def network(text, style):
    layers = eval(text)
    if style == "functional": return functional(layers)
    model = keras.Sequential([Input((12, 12, 3)), *layers])
    return model

def trained(model):
    rng = np.random.RandomState(1)
    for weight in model.weights:
        value = rng.normal(size=weight.shape)
        weight.assign(np.abs(value) if "var" in weight.name else value)
    return model

found, x = {}, np.random.RandomState(0).rand(4, 12, 12, 3).astype("float32")
for name, (small, large) in json.loads(os.environ["PAIRS"]).items():
    for style in ("sequential", "functional"):
        old, new = trained(network(small, style)), network(large, style)
        recording = Recording(Path("/tmp/m"), model=old)
        keep(recording, Path("/tmp"))
        layers = chain(new)
        old_one = read(Path("/tmp/warm.npz"))
        grown = grow(*old_one, [describe(layer) for layer in layers], first_values(layers))
        if grown is None:
            found[name, style] = None
            continue
        for at, arrays in grown.arrays.items():
            layers[at].set_weights(arrays)
        a, b = old.predict(x, verbose=0), new.predict(x, verbose=0)
        found[name, style] = [float(np.abs(a - b).max() / np.abs(a).max()), grown.kept, len(grown.arrays)]
print("FOUND", json.dumps({f"{name}.{style}": value for (name, style), value in found.items()}))
"""


def in_image(code: str, *options: str) -> str:
    command = ["docker", "run", "--rm", "--network", "none", *options]
    command += ["-v", f"{HARNESS}:/opt/harness:ro", DEFAULT_IMAGE, "python3", "-P", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def found() -> dict[str, list[Any] | None]:
    """Give relative difference, whether the function was kept, and how many layers got weights."""
    output = in_image(COMPARE, "-e", f"PAIRS={json.dumps(PAIRS)}")
    result: dict[str, list[Any] | None] = json.loads(output.partition("FOUND ")[2])
    return result


@pytest.mark.parametrize("style", ["sequential", "functional"])
@pytest.mark.parametrize("name", KEPT)
def test_a_larger_network_computes_what_the_smaller_one_did(
    found: dict[str, list[Any] | None], name: str, style: str
) -> None:
    result = found[f"{name}.{style}"]
    assert result is not None
    assert result[0] < 1e-4
    assert result[1]


@pytest.mark.parametrize("name", FRONT)
def test_where_the_function_cannot_be_kept_the_layers_before_that_place_are(
    found: dict[str, list[Any] | None], name: str
) -> None:
    result = found[f"{name}.sequential"]
    assert result is not None
    assert not result[1]
    assert result[2] >= 1


@pytest.mark.parametrize("name", COLD)
def test_a_network_that_is_not_larger_starts_from_nothing(
    found: dict[str, list[Any] | None], name: str
) -> None:
    assert found[f"{name}.sequential"] is None


CNN = """
import keras, numpy as np
from keras.layers import *
x = np.random.RandomState(3).rand(512, 8, 8, 1).astype("float32")
y = (x[:, :4].mean((1, 2, 3)) > x[:, 4:].mean((1, 2, 3))).astype(int)
model = keras.Sequential([
    FIRSTConv2D(FILTERS, 3, activation="relu"), Flatten(), Dense(2, activation="softmax")])
model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
EXTRA
model.fit(x, y, epochs=EPOCHS, verbose=0)
"""
TRIALS = {
    "small": {"FILTERS": "4", "EPOCHS": "30"},
    "large": {"FILTERS": "12", "EPOCHS": "1"},
    "not_built": {"FILTERS": "12", "EPOCHS": "1", "FIRST": ""},
    "loads": {"FILTERS": "12", "EPOCHS": "1", "EXTRA": "model.set_weights(model.get_weights())"},
    "damaged": {"FILTERS": "12", "EPOCHS": "1"},
    "alone": {"FILTERS": "12", "EPOCHS": "1"},
    "fits_two": {"FILTERS": "4", "EPOCHS": "1", "EXTRA": "other = keras.models.clone_model(model)\n"
                 "other.compile('adam', 'sparse_categorical_crossentropy')\nother.fit(x, y, verbose=0)"},
}  # fmt: skip
RUN = """
import os, shutil
from pathlib import Path
import keras
import harness.__main__ as harness
for name in NAMES:
    case = Path("/cases") / name
    if name not in ("small", "alone", "fits_two", "damaged"):
        shutil.copy("/cases/small/out/warm.npz", case / "in" / "warm.npz")
    if not (child := os.fork()):
        os._exit(harness.main(case))
    assert os.waitpid(child, 0)[1] == 0, name
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Train a small network, then larger ones that are given its weights."""
    folder = tmp_path_factory.mktemp("trials")
    for name, changes in TRIALS.items():
        for part in ("in", "out", "work"):
            (folder / name / part).mkdir(parents=True)
        text = CNN
        for mark, value in {"FIRST": "Input((8, 8, 1)), ", "EXTRA": "", **changes}.items():
            text = text.replace(mark, value)
        (folder / name / "work" / "train.py").write_text(text)
        launch = {"script": "train.py", "working_directory": f"/cases/{name}/work", "seed": 0}
        (folder / name / "in" / "launch.json").write_text(json.dumps(launch))
    (folder / "damaged" / "in" / "warm.npz").write_bytes(b"PK\x03\x04 nothing")
    user = f"{os.getuid()}:{os.getgid()}"
    in_image(f"NAMES = {list(TRIALS)}\n{RUN}", "--user", user, "-v", f"{folder}:/cases")
    found = {name: json.loads((folder / name / "out" / "result.json").read_text()) for name in TRIALS}
    for name, result in found.items():
        result["weights"] = (folder / name / "out" / "warm.npz").exists()
    return found


@pytest.mark.parametrize("name", ["large", "not_built"])
def test_a_larger_network_goes_on_where_the_smaller_one_was(
    results: dict[str, dict[str, Any]], name: str
) -> None:
    small, alone, large = results["small"], results["alone"], results[name]
    assert small["accuracy"] > alone["accuracy"] + 0.1
    assert large["warm_started"]
    assert large["accuracy"] > alone["accuracy"] + 0.1
    assert [epoch["warm"] for epoch in large["history"]] == [True]


@pytest.mark.parametrize("name", ["small", "alone", "loads", "damaged"])
def test_other_trainings_start_from_nothing(results: dict[str, dict[str, Any]], name: str) -> None:
    assert not results[name]["warm_started"]
    assert results[name]["status"] == "finished"


def test_weights_that_do_not_fit_are_told(results: dict[str, dict[str, Any]]) -> None:
    assert "the given weights don't fit" in results["damaged"]["notes"][0]


def test_weights_are_kept_of_a_script_with_one_network_only(results: dict[str, dict[str, Any]]) -> None:
    assert {name for name, result in results.items() if not result["weights"]} == {"fits_two"}
