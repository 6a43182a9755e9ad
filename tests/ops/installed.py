"""An installation with an experiment, as an operator's commands find it."""

from pathlib import Path

import pytest

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import Goals
from include.source.push import Push
from ops import cli

GOALS = Goals(target=0.9, max_trials=5, max_hours=1, strategy="hill_climb")


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation that does not run; the operator's real configuration is out of sight."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "repositories.yaml").write_text("repositories: [{name: admin/mnist}]")
    monkeypatch.setattr(cli, "_CONFIG", tmp_path / "config")
    return Installation.from_environment({"CNN_VAR_DIR": str(tmp_path / "var")})


def claimed(installation: Installation, digit: str, message: str = "Try it") -> Experiment:
    """An experiment of a push whose SHA is one digit."""
    push = Push("admin/mnist", "main", digit * 40, "Ada", None, message, "2026-11-23", "https://e.org/c")
    experiment = installation.store.claim(push, GOALS, f"run-{digit}")
    assert experiment is not None
    return experiment
