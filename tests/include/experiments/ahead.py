"""Experiments whose first trial's training has ended, on a real engine and a real store."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from include.containers import ContainerState, EndingKind, Engine, Outcome
from include.containers.files import write_spec
from include.containers.outcome import record_outcome
from include.experiments.experiment import Experiment
from include.experiments.inspection import inspect_push
from include.experiments.installation import Installation
from include.experiments.judging import judge_trial
from include.experiments.records import Goals
from include.experiments.training import prepare_training
from include.experiments.tuning import NextTrial, next_trial
from include.experiments.waiting import start_next
from include.source.push import Push
from tests.e2e.scripts import NETWORK

ENDED = Outcome(EndingKind.FINISHED, "done", "container")


@pytest.fixture
def engine(installation: Installation) -> Iterator[Engine]:
    found = Engine.connect(installation.settings.stack)
    yield found
    for state in found.find():
        found.remove(str(state.id))
    found.close()


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    config = tmp_path / "config"
    config.mkdir()
    (config / "repositories.yaml").write_text("repositories: [{name: admin/mnist}]")
    monkeypatch.setenv("CNN_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("CNN_CONFIG_DIR", str(config))
    monkeypatch.setenv("CNN_STACK", f"test-{os.getpid()}-{uuid.uuid4().hex[:6]}")
    return Installation.from_environment()


@dataclass(frozen=True)
class Trained:
    """An experiment whose last trial's training has ended, and is not judged, or goes on."""

    installation: Installation
    experiment: str

    def start_next(self, engine: Engine, trial: int = 1, *, ends: bool = True) -> ContainerState | None:
        return start_next(self.installation, engine, self.experiment, trial, ENDED if ends else None)

    def reach(self, accuracy: float, trial: int = 1) -> None:
        """Put the accuracy after the first epoch on record."""
        self.installation.store.get(self.experiment).report(trial, 1, accuracy)

    def folder(self, trial: int) -> Path:
        return self.installation.settings.trial(self.experiment, trial)

    def train(self, number: int, result: str) -> None:
        request = prepare_training(self.experiment, number)
        write_spec(request.trial_dir, request.spec)
        (request.trial_dir / "out" / "result.json").write_text(result)

    def judge(self, number: int) -> NextTrial:
        record_outcome(self.folder(number), ENDED)
        judge_trial(self.installation, self.experiment, number)
        found = next_trial(self.installation, self.experiment, number)
        assert isinstance(found, NextTrial)
        return found


MISSED = '{"status": "finished", "accuracy": 0.5, "accuracy_source": "evaluate", "seconds": 1.0}'
REACHED = MISSED.replace("0.5", "0.95")
FAILED = '{"status": "failed", "error": "ValueError: no", "seconds": 1.0}'
MakeTrained = Callable[..., Trained]


@pytest.fixture
def make_trained(installation: Installation, push: Push, goals: Goals) -> MakeTrained:
    """Give a function that makes an experiment with trial 1 trained."""

    def make(result: str = MISSED, files: dict[str, str] | None = None, **changed: object) -> Trained:
        tree = installation.settings.tree(push.repository, push.sha)
        tree.mkdir(parents=True)
        for name, text in {"mycode.py": NETWORK, **(files or {})}.items():
            (tree / name).write_text(text)
        claimed = installation.store.claim(push, replace(goals, **changed), "run-1")  # type: ignore[arg-type]
        assert isinstance(claimed, Experiment)
        inspect_push(installation, str(claimed))
        made = Trained(installation, str(claimed))
        made.train(1, result)
        return made

    return make
