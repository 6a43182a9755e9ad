"""A push with a tweak script of its own, trained up to where the script decides."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.containers import EndingKind, Engine
from include.containers.files import write_spec
from include.containers.outcome import Outcome as Ended
from include.containers.outcome import record_outcome
from include.experiments.experiment import Experiment
from include.experiments.inspection import inspect_push
from include.experiments.installation import Installation
from include.experiments.judging import judge_trial
from include.experiments.records import Goals
from include.experiments.training import prepare_training
from include.experiments.tuning import NextTrial, NoMoreTrials, next_trial
from include.source.push import Push
from tests.e2e.scripts import NETWORK

READS_INPUT = NETWORK.replace(
    "model = keras.Sequential",
    "layers = int(input())\nsizes = [[int(input()) for _ in range(3)] for _ in range(layers)]\n"
    "dense = [int(input()) for _ in range(int(input()))]\nmodel = keras.Sequential",
).replace("Conv2D(2,", "Conv2D(sizes[0][0],")


# One step of the seed's kind: the last accuracy and its own memory in, the next numbers out.
DOUBLES = """\
accuracy = float(open("accuracy.txt").read())
best = float(open("data.txt").read())
numbers = open("input.txt").read().split()
numbers[1] = str(int(numbers[1]) * 2 if accuracy > best else 3)
open("input.txt", "w").write("\\n".join(numbers) + "\\n")
open("data.txt", "w").write(str(accuracy))
"""


SEED = {"mycode.py": READS_INPUT, "input.txt": "1\n32\n2\n2\n0\n", "data.txt": "0", "tweak.py": DOUBLES}


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    stack = f"test-{os.getpid()}-{uuid.uuid4().hex[:6]}"
    config = tmp_path / "config"
    config.mkdir()
    (config / "repositories.yaml").write_text(
        "repositories: [{name: admin/mnist, target: 0.9, tweak_seconds: 20}]"
    )
    monkeypatch.setenv("CNN_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("CNN_CONFIG_DIR", str(config))
    monkeypatch.setenv("CNN_STACK", stack)
    yield Installation.from_environment()
    engine = Engine.connect(stack)
    assert engine.find() == (), "a container was left behind"


@pytest.fixture
def goals() -> Goals:
    return Goals(target=0.9, max_trials=9, max_hours=1, strategy="auto")


def claim(installation: Installation, push: Push, goals: Goals, files: dict[str, str]) -> Experiment:
    tree = installation.settings.tree(push.repository, push.sha)
    tree.mkdir(parents=True)
    for name, text in files.items():
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text(text)
    experiment = installation.store.claim(push, goals, "run-1")
    assert experiment is not None
    inspect_push(installation, str(experiment))
    return experiment


def trained(
    installation: Installation, experiment: Experiment, number: int, accuracy: float | None, text: str = ""
) -> Path:
    """Leave what a container would have left, and judge it; returns the trial's folder."""
    request = prepare_training(str(experiment), number)
    write_spec(request.trial_dir, request.spec)
    result: dict[str, object] = {"status": "finished", "accuracy": accuracy, "seconds": 1.0}
    if text:
        (request.trial_dir / "work" / "accuracy.txt").write_text(text)
        result |= {"accuracy_source": "accuracy.txt", "accuracy_text": text.strip()}
    (request.trial_dir / "out" / "result.json").write_text(json.dumps(result))
    ending = EndingKind.FINISHED if accuracy is not None else EndingKind.OUT_OF_MEMORY
    record_outcome(request.trial_dir, Ended(ending, "done", f"container-{number}"))
    judge_trial(installation, str(experiment), number)
    return request.trial_dir


def following(installation: Installation, experiment: Experiment, trial: int) -> NextTrial:
    found = next_trial(installation, str(experiment), trial)
    assert isinstance(found, NextTrial), found
    return found


def ended(installation: Installation, experiment: Experiment, trial: int = 1) -> NoMoreTrials:
    found = next_trial(installation, str(experiment), trial)
    assert isinstance(found, NoMoreTrials), found
    return found


def stepped(installation: Installation, push: Push, goals: Goals, tweak: str, **files: str) -> Experiment:
    """An experiment with this tweak script whose first trial was judged."""
    named = {name.replace("_", "."): text for name, text in files.items()}
    experiment = claim(installation, push, goals, {**SEED, **named, "tweak.py": tweak})
    trained(installation, experiment, 1, 0.5, "0.5")
    return experiment
