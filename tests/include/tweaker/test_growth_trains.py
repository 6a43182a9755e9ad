"""Grown scripts train for real, in the training image without a network."""

import subprocess
from pathlib import Path

import pytest

from include.tweaker import apply, discover
from tests.include.tweaker.conftest import MakePush
from tests.include.tweaker.styles import STYLES

pytestmark = pytest.mark.docker

IMAGE = "better-cnn-training:latest"
DATA = "import numpy\nx_train, y_train = numpy.random.rand(64, 28, 28, 1), numpy.arange(64) % 10\n"
LIMITS = ("--rm", "--network", "none", "--memory", "2g", "--cap-drop", "ALL", "--user", "65534:65534")


@pytest.mark.parametrize("style", sorted(set(STYLES) - {"classic"}))  # Keras 1 calls need the harness' shims
def test_a_script_grown_as_far_as_it_goes_trains(push: MakePush, tmp_path: Path, style: str) -> None:
    tree, verdict = push({"train.py": DATA + STYLES[style]})
    space = discover(tree, verdict)
    assert space is not None
    work = tmp_path / "work"
    work.mkdir()
    work.chmod(0o755)
    growth = {
        p.name: getattr(p.distribution, "high", 0) for p in space.parameters if p.name.startswith("growth.")
    }
    values = {**growth, "conv1.filters": 24, "optimizer.learning_rate": 0.002}
    launch = apply(space, values, tree=tree, working_directory=work, verdict=verdict)
    (work / "train.py").write_bytes(launch.files["train.py"])
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    command = ["docker", "run", *LIMITS, "-v", f"{work}:/mlops:ro", "-w", "/mlops", "-e", "HOME=/tmp"]
    done = subprocess.run(
        [*command, IMAGE, "python3", "train.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Epoch" in done.stdout or "loss" in done.stdout
