"""A training whose task was ended while nobody watched it does not go on for itself."""

from __future__ import annotations

import json

import pytest

from include.containers import Engine, StoppedBy, read_stop
from include.experiments.abandoning import IsOver, end_abandoned
from tests.include.containers.support import engine
from tests.include.experiments.watched import StartTrial, Watched, installed, start_trial

__all__ = ["engine", "installed", "start_trial"]

pytestmark = pytest.mark.docker


def ended_of(engine: Engine, trial: Watched, is_over: IsOver) -> list[str]:
    return [str(line) for line in end_abandoned(trial.installation, lambda _: engine, is_over)]


def test_its_container_goes_and_the_audit_says_why(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial()
    trial.make_older()
    asked: list[tuple[str, str]] = []

    def is_over(repository: str, run_id: str) -> bool:
        asked.append((repository, run_id))
        return True

    (line,) = ended_of(engine, trial, is_over)
    assert "abandoned · stop · Its task was ended while nobody was there" in line
    assert asked == [("admin/mnist", "run")]
    assert engine.find(trial.name) == ()
    stop = read_stop(trial.folder)
    assert stop is not None
    assert stop.by is StoppedBy.USER
    assert json.loads(trial.installation.settings.audit_file.read_text())["cause"] == "abandoned"
    assert ended_of(engine, trial, is_over) == []


def test_one_whose_task_goes_on_is_left_alone(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial()
    trial.make_older()
    assert ended_of(engine, trial, lambda *_: False) == []
    assert engine.observe(trial.name, 1).status == "running"


def test_one_that_has_just_begun_is_left_alone(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial()
    assert ended_of(engine, trial, lambda *_: True) == []
    assert engine.observe(trial.name, 1).status == "running"
