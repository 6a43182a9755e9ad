"""A training whose end is near is known by its epochs, and one of which nothing is known is not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from include.experiments.following import AHEAD_SECONDS, EpochFollower
from include.experiments.installation import Installation
from include.experiments.records import Goals, Outcome
from include.experiments.store import ExperimentStore
from include.source.push import Push
from include.tweaker.space import Proposal

NOW = 1_000_000.0


@pytest.fixture
def following(
    store: ExperimentStore,
    push: Push,
    goals: Goals,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[EpochFollower, Path]:
    """Give a follower of trial 2, the folder that its metrics are in, and a first trial that fitted twice."""
    monkeypatch.setenv("CNN_STORAGE_URL", url)
    experiment = store.claim(push, goals, "run")
    assert experiment is not None
    experiment.propose(1, Proposal({}, "as pushed"))
    experiment.tell(1, Outcome("finished", 0.5, fits=2))
    experiment.propose(2, Proposal({}, "try"))
    folder = tmp_path / "trial"
    for name in ("in", "out"):
        (folder / name).mkdir(parents=True)
    return EpochFollower(Installation.from_environment(), str(experiment), 2, folder), folder


@pytest.mark.parametrize(
    ("epoch", "passed", "soon"),
    [
        ({"epoch": 4, "planned": 5, "seconds": AHEAD_SECONDS - 1}, 0, True),
        ({"epoch": 4, "planned": 5, "seconds": AHEAD_SECONDS + 9}, 0, False),
        ({"epoch": 4, "planned": 5, "seconds": AHEAD_SECONDS + 9}, 10, True),
        ({"epoch": 1, "planned": 5, "seconds": AHEAD_SECONDS - 1}, 0, False),
        ({"epoch": 5, "planned": 5, "seconds": 900}, 0, True),
        ({"epoch": 4, "planned": 5, "seconds": 1, "fit": 1}, 0, False),
        ({"epoch": 4, "seconds": 1}, 0, False),
        ({"epoch": 4, "planned": 5}, 0, False),
    ],
    ids=[
        "a short epoch is left",
        "a long epoch is left",
        "what is left of it is short",
        "several epochs are left",
        "no epoch is left",
        "another fit is to come",
        "it is not said how many epochs there are",
        "it is not said how long they take",
    ],
)
def test_an_end_is_near_where_the_epochs_that_are_left_are_short(
    following: tuple[EpochFollower, Path], epoch: dict[str, object], passed: float, soon: bool
) -> None:
    follower, folder = following
    write(folder, {"fit": 2, "accuracy": 0.5, **epoch})
    assert not follower.ends_soon(NOW)
    follower.look()
    assert follower.ends_soon(NOW + passed) == soon


def test_the_end_of_a_training_that_was_asked_to_end_is_near(following: tuple[EpochFollower, Path]) -> None:
    follower, folder = following
    (folder / "in" / "prune.json").write_text('{"reason": "hopeless"}')
    write(folder, {"epoch": 1, "planned": 90, "seconds": 60, "fit": 1, "accuracy": 0.5})
    follower.look()
    assert follower.ends_soon(NOW)


def write(folder: Path, epoch: dict[str, object]) -> None:
    """Write the metrics of a training, as of `NOW`."""
    metrics = folder / "out" / "metrics.jsonl"
    metrics.write_text(json.dumps(epoch) + "\n")
    os.utime(metrics, (NOW, NOW))
