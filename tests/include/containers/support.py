"""Real containers for tests: an engine of a stack of its own, and trials whose program is a shell command."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from include.containers import ContainerSpec, Engine, Limits, TrainingRequest, training_spec
from include.containers.spec import MIB
from include.containers.state import ContainerState

SMALL = Limits(memory_bytes=256 * MIB, cpus=1.0, pids=64, seconds=60)


@dataclass(frozen=True)
class Trial:
    """A trial with a folder and a container of its own."""

    spec: ContainerSpec
    folder: Path
    experiment: str
    number: int

    @property
    def request(self) -> TrainingRequest:
        """What the train task is given."""
        return TrainingRequest(self.spec, self.folder)

    def changed(self, **changes: Any) -> Trial:
        """Return the same trial with a changed spec."""
        return replace(self, spec=replace(self.spec, **changes))


MakeTrial = Callable[..., Trial]


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Give an engine that sees only this session's containers; `make_trial` removes them."""
    found = Engine.connect(f"test-{os.getpid()}-{uuid.uuid4().hex[:6]}")
    yield found
    found.close()


@pytest.fixture
def make_trial(engine: Engine, tmp_path: Path) -> Iterator[MakeTrial]:
    """Give a function that makes a trial running a shell command (the harness when None)."""

    def make(command: str | None = "sleep 60", limits: Limits = SMALL) -> Trial:
        experiment, number = f"octo/cnn@{uuid.uuid4().hex}{'0' * 8}", 1
        folder = tmp_path / experiment.split("@")[1]
        for name in ("work", "in", "out"):
            (folder / name).mkdir(parents=True)
        spec = training_spec(experiment, number, "run", folder, limits=limits, stack=engine.stack)
        if command is not None:
            spec = replace(spec, command=("sh", "-c", command))
        return Trial(spec, folder, experiment, number)

    yield make
    for state in engine.find():
        engine.remove(str(state.id))


def wait_until(engine: Engine, trial: Trial, wanted: Callable[[ContainerState], bool]) -> ContainerState:
    """Wait until a trial's newest container is as wanted; pytest's time-out ends a wait in vain."""
    while not wanted(state := engine.observe(trial.experiment, trial.number)):
        time.sleep(0.05)
    return state


def ended(state: ContainerState) -> bool:
    """Whether a container has ended."""
    return state.status in ("exited", "dead")


def comparable(engine: Engine, state: ContainerState) -> dict[str, Any]:
    """Return all of a container's configuration that `docker inspect` tells, in a fixed order.

    Left out: the host name, which is the container's id, and the number of the relaunch.
    """
    container = engine.container(str(state.id))
    assert container is not None
    found = container.attrs
    labels = {**found["Config"]["Labels"], "cnn.relaunch": None}
    config = {**found["Config"], "Hostname": None, "Env": sorted(found["Config"]["Env"]), "Labels": labels}
    mounts = sorted(found["Mounts"], key=lambda mount: str(mount["Destination"]))
    same = {key: found[key] for key in ("Image", "HostConfig", "Path", "Args", "Platform", "Driver")}
    return {
        **same,
        "Config": config,
        "Mounts": mounts,
        "Networks": found["NetworkSettings"]["Networks"].keys(),
    }
