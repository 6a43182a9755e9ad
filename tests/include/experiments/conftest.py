"""An experiment store on a real SQLite file, and the values the tests share."""

from pathlib import Path

import pytest

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
