"""Trials of real containers that a real experiment store knows, for tests of whoever watches them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from include.containers import ContainerSpec, ContainerState, Engine, begin_training, training_spec
from include.containers.training import TrainingRequest
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import Goals
from include.source.push import Push
from include.tweaker.space import Proposal
from tests.include.containers.support import SMALL

BEAT = "while :; do touch /trial/out/heartbeat; sleep 0.1; done"


@dataclass(frozen=True)
class Watched:
    """A trial whose container runs, and its experiment."""

    installation: Installation
    experiment: Experiment
    number: int
    spec: ContainerSpec
    folder: Path
    first: ContainerState

    @property
    def name(self) -> str:
        """The experiment's id."""
        return str(self.experiment)

    def make_older(self, seconds: float = 600) -> None:
        """Let the launch have happened so long ago that its container must be there."""
        at = time.time() - seconds
        os.utime(self.folder / "container.json", (at, at))


StartTrial = Callable[..., Watched]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """Give an installation that watches admin/mnist."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "repositories.yaml").write_text("repositories: [{name: admin/mnist}]")
    monkeypatch.setenv("CNN_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("CNN_CONFIG_DIR", str(config))
    return Installation.from_environment()


@pytest.fixture
def start_trial(installed: Installation, engine: Engine) -> Iterator[StartTrial]:
    """Give a function that starts a trial of a new experiment, running a shell command."""
    count = 0

    def start(command: str = BEAT) -> Watched:
        nonlocal count
        count += 1
        sha = f"{count:07x}{'0' * 33}"
        push = Push("admin/mnist", "main", sha, "Ada", "ada@example.com", "m", "2026-11-23T10:00:00Z", "")
        experiment = installed.store.claim(push, Goals(0.9, 20, 1, "tpe"), "run")
        assert experiment is not None
        experiment.propose(1, Proposal({}, "try"))
        folder = installed.settings.trial(str(experiment), 1)
        for name in ("work", "in", "out"):
            (folder / name).mkdir(parents=True)
        spec = training_spec(str(experiment), 1, "run", folder, limits=SMALL, stack=engine.stack)
        spec = replace(spec, command=("sh", "-c", command))
        begun = begin_training(engine, TrainingRequest(spec, folder))
        assert isinstance(begun, ContainerState)
        return Watched(installed, experiment, 1, spec, folder, begun)

    yield start
    for state in engine.find():
        engine.remove(str(state.id))
