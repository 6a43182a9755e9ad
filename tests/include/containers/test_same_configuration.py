"""The relaunched container is the crashed one, field by field of what `docker inspect` tells of both."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from include.containers import (
    DEFAULT_IMAGE,
    MIB,
    ActiveTrial,
    ContainerState,
    Engine,
    Limits,
    Policy,
    begin_training,
    monitor_once,
    read_spec,
)
from tests.include.containers.support import MakeTrial, Trial, ended, wait_until

pytestmark = pytest.mark.docker

# All that may differ, and why. A name stands for everything below it.
MAY_DIFFER = {
    "Id": "each container's own",
    "Name": "ends in the number of the relaunch",
    "Config.Labels.cnn.relaunch": "the number of the relaunch",
    "Config.Hostname": "the engine's: the first digits of the id",
    "Created": "when it was launched",
    "State": "how it is at the moment",
    "HostnamePath": "the engine's file, in a folder named by the id",
    "HostsPath": "the engine's file, in a folder named by the id",
    "ResolvConfPath": "the engine's file, in a folder named by the id",
    "LogPath": "the engine's file, in a folder named by the id",
    "GraphDriver.Data": "the engine's folders of its own layer",
    "NetworkSettings.SandboxID": "the engine's handle of its network namespace",
    "NetworkSettings.SandboxKey": "the engine's handle of its network namespace",
    "NetworkSettings.Networks.*.EndpointID": "the engine's handle of its connection to the network",
    "NetworkSettings.Networks.*.Aliases": "the engine's: the first digits of the id",
    "NetworkSettings.Networks.*.IPAddress": "the network's next free one",
    "NetworkSettings.Networks.*.MacAddress": "goes with the address",
}
LIMITS = Limits(
    memory_bytes=300 * MIB, cpus=0.75, pids=77, seconds=60, tmp_bytes=64 * MIB, shm_bytes=32 * MIB
)


def flat(document: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Give each value of a document with its path; lists whose order means nothing are sorted."""
    if isinstance(document, dict) and document:
        for key, value in document.items():
            yield from flat(value, f"{path}.{key}" if path else key)
    elif path == "Mounts":
        yield path, sorted(document, key=lambda mount: str(mount["Destination"]))
    elif path == "Config.Env":
        yield path, sorted(document)
    else:
        yield path, document


def may_differ(path: str) -> bool:
    parts = path.split(".")
    if parts[:2] == ["NetworkSettings", "Networks"]:
        path = ".".join([*parts[:2], "*", *parts[3:]])
    return any(path == name or path.startswith(f"{name}.") for name in MAY_DIFFER)


def inspected(engine: Engine, state: ContainerState) -> dict[str, Any]:
    return dict(flat(engine.client.api.inspect_container(str(state.id))))


def differences(first: dict[str, Any], second: dict[str, Any]) -> set[str]:
    return {path for path in first.keys() | second.keys() if first.get(path) != second.get(path)}


def relaunched(engine: Engine, trial: Trial) -> ContainerState:
    """Answer the trial as the monitor does, from what stands beside it."""
    spec = read_spec(trial.folder)
    assert spec is not None
    active = ActiveTrial(trial.experiment, trial.number, spec, trial.folder / "out")
    (line,) = monitor_once(engine, [active], policy=Policy(delays=(0,), launch=0))
    assert line.done, line.reason
    return engine.observe(trial.experiment, trial.number)


@pytest.fixture
def tag(engine: Engine) -> Iterator[str]:
    """Give a tag of the training image that can be moved."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    assert engine.client.images.get(DEFAULT_IMAGE).tag(name, "latest")
    yield f"{name}:latest"
    engine.client.images.remove(f"{name}:latest")


@pytest.fixture
def network(engine: Engine) -> Iterator[str]:
    """Give a network of Docker's own kind."""
    made = engine.client.networks.create(f"test-{uuid.uuid4().hex[:8]}", internal=True)
    yield str(made.name)
    for state in engine.find():
        engine.remove(str(state.id))
    made.remove()


def first_launch(engine: Engine, trial: Trial) -> tuple[Trial, dict[str, Any]]:
    begun = begin_training(engine, trial.request)
    assert isinstance(begun, ContainerState)
    return trial, inspected(engine, begun)


def crash(engine: Engine, trial: Trial) -> None:
    engine.kill(str(engine.observe(trial.experiment, trial.number).id))
    wait_until(engine, trial, ended)


def test_only_the_named_fields_differ(engine: Engine, make_trial: MakeTrial, network: str) -> None:
    trial = make_trial("sleep 60", LIMITS)
    trial = trial.changed(
        network=network,
        environment={**trial.spec.environment, "LEARNING_RATE": "0.01"},
        runtime="runc",
    )
    trial, first = first_launch(engine, trial)
    crash(engine, trial)
    second = inspected(engine, relaunched(engine, trial))
    assert [path for path in sorted(differences(first, second)) if not may_differ(path)] == []
    # What was compared is there at all.
    assert second["HostConfig.Memory"] == LIMITS.memory_bytes
    assert second["HostConfig.PidsLimit"] == LIMITS.pids
    assert second["HostConfig.NetworkMode"] == network
    assert second["HostConfig.Runtime"] == "runc"
    assert "LEARNING_RATE=0.01" in second["Config.Env"]
    assert second["Config.Labels.cnn.experiment"] == trial.experiment
    assert (first["Config.Labels.cnn.relaunch"], second["Config.Labels.cnn.relaunch"]) == ("0", "1")
    assert {mount["Destination"] for mount in second["Mounts"]} >= {"/trial/out", "/mlops"}


def test_each_field_that_may_differ_exists(engine: Engine, make_trial: MakeTrial, network: str) -> None:
    """A name that fits nothing would be a hole for nothing."""
    _, first = first_launch(engine, make_trial("sleep 60").changed(network=network))
    paths = [path.replace(f".{network}.", ".*.") for path in first]
    for name in MAY_DIFFER:
        assert any(path == name or path.startswith(f"{name}.") for path in paths), name


def test_the_image_is_the_crashed_ones_also_when_its_tag_has_moved(
    engine: Engine, make_trial: MakeTrial, tag: str
) -> None:
    trial, first = first_launch(engine, make_trial("sleep 60").changed(image=tag))
    other = engine.client.containers.create(tag, ["true"])
    try:
        moved = other.commit(*tag.split(":"), changes="LABEL moved=yes")
    finally:
        other.remove()
    assert moved.id != first["Image"]
    crash(engine, trial)
    second = inspected(engine, relaunched(engine, trial))
    assert second["Image"] == first["Image"]
    assert [path for path in sorted(differences(first, second)) if not may_differ(path)] == []


def test_a_change_of_the_operators_configuration_does_not_reach_a_relaunch(
    engine: Engine, make_trial: MakeTrial
) -> None:
    trial, first = first_launch(engine, make_trial("sleep 60", LIMITS))
    crash(engine, trial)
    changed = replace(trial, spec=replace(trial.spec, limits=Limits(), environment={}))
    second = inspected(engine, relaunched(engine, changed))
    assert [path for path in sorted(differences(first, second)) if not may_differ(path)] == []


def test_the_comparison_sees_a_difference(engine: Engine, make_trial: MakeTrial) -> None:
    trial, first = first_launch(engine, make_trial("sleep 60", LIMITS))
    other = trial.changed(limits=replace(LIMITS, pids=78))
    engine.remove(str(engine.observe(trial.experiment, 1).id))
    time.sleep(0.1)
    _, second = first_launch(engine, other)
    unlike = {path for path in differences(first, second) if not may_differ(path)}
    assert unlike == {"HostConfig.PidsLimit", "Config.Labels.cnn.config", "Config.Labels.cnn.limits"}
