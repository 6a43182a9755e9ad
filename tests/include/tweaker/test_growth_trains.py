"""Tweaked and grown scripts train for real, in the training image without a network."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from optuna.distributions import IntDistribution

from include.detector.verdict import OLD_KERAS
from include.tweaker import SearchSpace, Value, apply, discover, feasible
from tests.include.tweaker.conftest import MakePush
from tests.include.tweaker.styles import SCRIPTS

pytestmark = pytest.mark.docker

IMAGE = "better-cnn-training:latest"
LIMITS = ("--rm", "--network", "none", "--memory", "3g", "--cap-drop", "ALL", "--user", "65534:65534")
HERE = Path(__file__).parent
CLASSIC = {name: code for name, code in SCRIPTS.items() if name.startswith("classic")}
MODERN = {name: code for name, code in SCRIPTS.items() if name not in CLASSIC}


def _values(space: SearchSpace) -> dict[str, Value]:
    """Return values of which every one differs from the pushed: grown, and one step further everywhere."""
    values: dict[str, Value] = {"optimizer": "nadam", "activation": "elu", "optimizer.learning_rate": 0.002}
    known = {parameter.name for parameter in space.parameters}
    values = {name: value for name, value in values.items() if name in known}
    for parameter in space.parameters:
        distribution = parameter.distribution
        if parameter.name.startswith("growth.") and isinstance(distribution, IntDistribution):
            values[parameter.name] = distribution.high
        elif parameter.name.endswith((".filters", ".units")) and not parameter.name.startswith("new_"):
            wider = {**values, parameter.name: int(parameter.default) + 1}
            values = wider if feasible(space, wider) else values
    assert feasible(space, values)
    return values


def _written(push: MakePush, code: str, framework: str, file: Path) -> None:
    tree, verdict = push({"train.py": code}, framework=framework)
    space = discover(tree, verdict)
    assert space is not None
    launch = apply(space, _values(space), tree=tree, working_directory=file.parent, verdict=verdict)
    file.write_bytes(launch.files["train.py"])
    (file.parent / "train.py").unlink()


def test_every_script_trains_with_every_value_changed_and_grown_as_far_as_it_goes(
    push: MakePush, tmp_path: Path
) -> None:
    assert len(MODERN) >= 30
    _train(push, MODERN, tmp_path)


def test_so_does_every_script_of_keras_1_and_2_in_the_keras_of_its_time(
    push: MakePush, tmp_path: Path
) -> None:
    assert len(CLASSIC) >= 3
    _train(push, CLASSIC, tmp_path, OLD_KERAS)


def _train(push: MakePush, scripts: Mapping[str, str], tmp_path: Path, framework: str = "keras 3") -> None:
    folder = tmp_path / "scripts"
    folder.mkdir()
    files = {f"{number:02}.py": name for number, name in enumerate(sorted(scripts))}
    for file, name in files.items():
        _written(push, scripts[name], framework, folder / file)
    told = _run(folder, *(["--era"] if framework == OLD_KERAS else []))
    failed = {files[file]: error for file, error in told.items() if error}
    assert set(told) == set(files)
    assert not failed, "\n\n".join(f"{name}\n{error}" for name, error in failed.items())


def _run(folder: Path, *options: str) -> dict[str, str]:
    shutil.copy(HERE / "train_all.py", folder.parent / "train_all.py")
    for path in (folder.parent, *folder.parent.parents[:2], folder):
        path.chmod(0o755)
    mounts = ["-v", f"{folder}:/mlops:ro", "-v", f"{folder.parent / 'train_all.py'}:/train_all.py:ro"]
    command = ["docker", "run", *LIMITS, *mounts, "-w", "/tmp", "-e", "HOME=/tmp"]
    done = subprocess.run(
        [*command, IMAGE, "python3", "/train_all.py", "/mlops", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    return {str(file): str(error) for file, error in found.items()}
