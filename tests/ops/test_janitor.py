"""What `make down` takes away: every container of the stack and of no other, and no training for good."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from include.containers import ContainerState, Engine, begin_training
from include.containers.stopping import read_interruption
from include.settings import Settings
from ops.janitor import remove_containers
from tests.include.containers.support import MakeTrial, Trial, engine, make_trial

__all__ = ["engine", "make_trial"]

pytestmark = pytest.mark.docker


def started(engine: Engine, trial: Trial) -> ContainerState:
    begun = begin_training(engine, trial.request)
    assert isinstance(begun, ContainerState)
    return begun


def test_it_removes_the_stacks_containers_and_no_others(
    engine: Engine, make_trial: MakeTrial, tmp_path: Path
) -> None:
    started(engine, make_trial())
    assert remove_containers("another-stack", tmp_path) == 0
    assert len(engine.find()) == 1
    assert remove_containers(engine.stack, tmp_path) == 1
    assert engine.find() == ()


def test_it_puts_on_record_beside_each_training_that_this_is_no_crash(
    engine: Engine, make_trial: MakeTrial, tmp_path: Path
) -> None:
    trial, before = make_trial(), time.time()
    started(engine, trial)
    folder = Settings.from_environment({"CNN_VAR_DIR": str(tmp_path)}).trial(trial.experiment, 1)
    folder.mkdir(parents=True)
    remove_containers(engine.stack, tmp_path)
    taken = read_interruption(folder)
    assert taken is not None
    assert taken.at >= before
    assert taken.reason == "The installation was stopped and started again."


def test_it_finds_the_containers_of_the_engine_it_is_told(
    engine: Engine, make_trial: MakeTrial, tmp_path: Path
) -> None:
    started(engine, make_trial())
    assert remove_containers(engine.stack, tmp_path, f"unix://{tmp_path}/no-engine.sock") == 0
    assert remove_containers(engine.stack, tmp_path, "unix:///var/run/docker.sock") == 1
