"""Scripts as they were written for Keras 1 and 2, run by the harness in the training image.

All run in one container: TensorFlow is imported once, and each script runs in a fork of that process.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from include.containers import DEFAULT_IMAGE
from tests.docker.harness.era import of_keras, of_layers, of_libraries

pytestmark = pytest.mark.docker

HARNESS = Path(__file__).resolve().parents[3] / "docker" / "harness"

FORKS = """
import os, sys, traceback
from pathlib import Path
os.environ["TF_USE_LEGACY_KERAS"] = "1"
import tensorflow, tf_keras
import harness.__main__ as harness

for case in sorted(Path("/cases").iterdir()):
    if not (child := os.fork()):
        log = os.open(case / "log", os.O_WRONLY | os.O_CREAT)
        os.dup2(log, 1), os.dup2(log, 2)
        try:
            code = harness.main(case)
        except BaseException:
            traceback.print_exc()
            code = 99
        sys.stdout.flush()
        os._exit(code)
    (case / "code").write_text(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
"""

DATA_SETS = """
import numpy
def labels(size): return numpy.zeros(size, "uint8")
images = {"x_train": numpy.zeros((3, 2, 2)), "x_test": numpy.zeros((1, 2, 2))}
numpy.savez("/datasets/mnist.npz", y_train=labels(3), y_test=labels(1), **images)
numpy.savez("/datasets/boston_housing.npz", x=numpy.zeros((6, 13)), y=labels(6))
"""

SCRIPTS = {**of_keras.SCRIPTS, **of_layers.SCRIPTS, **of_libraries.SCRIPTS}


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run every script and give the folder of what they left."""
    folder, sets = tmp_path_factory.mktemp("cases"), tmp_path_factory.mktemp("datasets")
    for name, script in SCRIPTS.items():
        for part in ("in", "out", "work"):
            (folder / name / part).mkdir(parents=True)
        (folder / name / "work" / "train.py").write_text(script.text)
        launch = {"script": "train.py", "working_directory": f"/cases/{name}/work", "keras": "legacy"}
        (folder / name / "in" / "launch.json").write_text(json.dumps(launch))
    command = ["docker", "run", "--rm", "--network", "none", "--user", f"{os.getuid()}:{os.getgid()}"]
    command += ["-v", f"{folder}:/cases", "-v", f"{HARNESS}:/opt/harness:ro", "-v", f"{sets}:/datasets"]
    code = DATA_SETS + FORKS
    subprocess.run([*command, DEFAULT_IMAGE, "python3", "-P", "-c", code], check=True, timeout=550)
    return folder


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_of_its_time_runs_as_it_did(cases: Path, name: str) -> None:
    log = (cases / name / "log").read_text()
    assert (cases / name / "code").read_text() == "0", log
    assert log.partition("SAID ")[2].partition("\n")[0] == SCRIPTS[name].said, log


def result_of(cases: Path, name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((cases / name / "out" / "result.json").read_text())
    return document


@pytest.mark.parametrize(
    ("name", "epochs", "source", "model"),
    [
        ("keras_1", 2, "val_accuracy", "model.hdf5"),
        ("generators_and_classes", 3, "evaluate", "model.keras"),
        ("functional_merges_and_saves", 2, "accuracy", "model.model"),
        ("graph", 2, "evaluate", "model.h5"),
        ("prints_its_accuracy_into_a_file", 0, "accuracy.txt", None),
        ("closes_its_output", 0, "accuracy.txt", None),
    ],
)
def test_what_legacy_keras_does_is_watched(
    cases: Path, name: str, epochs: int, source: str, model: str | None
) -> None:
    result = result_of(cases, name)
    assert [epoch["epoch"] for epoch in result["history"]] == list(range(1, epochs + 1))
    assert (result["accuracy_source"], result["model_file"]) == (source, model), result["notes"]
    assert result["versions"].get("tf_keras"), result["versions"]


def test_a_picture_that_is_not_drawn_is_told(cases: Path) -> None:
    assert (
        "[harness] plot_model: no picture is drawn" in (cases / "generators_and_classes" / "log").read_text()
    )
