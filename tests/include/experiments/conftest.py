"""An experiment store on a real SQLite file, and the values the tests share."""

from pathlib import Path

import pytest

from include.experiments.installation import Installation
from include.experiments.records import Goals
from include.experiments.store import ExperimentStore
from include.source.push import Push

SHA = "0123456789abcdef0123456789abcdef01234567"


class Clock:
    """Time that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'experiments.db'}"


@pytest.fixture
def store(url: str, clock: Clock) -> ExperimentStore:
    return ExperimentStore(url, clock)


@pytest.fixture
def push() -> Push:
    return Push(
        repository="admin/mnist",
        branch="main",
        sha=SHA,
        author_name="Ada",
        author_email="ada@example.com",
        message="Add a network",
        committed_at="2026-11-23T10:00:00Z",
        url="http://localhost/admin/mnist/commit/" + SHA,
    )


@pytest.fixture
def goals() -> Goals:
    return Goals(target=0.9, max_trials=5, max_hours=1, strategy="hill_climb")


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation that watches admin/mnist."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "repositories.yaml").write_text("repositories: [{name: admin/mnist, target: 0.9}]")
    monkeypatch.setenv("CNN_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("CNN_CONFIG_DIR", str(config))
    return Installation.from_environment()
