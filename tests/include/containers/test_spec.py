"""A spec survives JSON and its hash changes exactly when the training would."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from include.containers import (
    ContainerSpec,
    Limits,
    Mount,
    container_name,
    training_spec,
)
from include.containers.naming import relaunch_name
from include.identity import BadExperimentId, ExperimentId

SHA = "0123456789abcdef0123456789abcdef01234567"
EXPERIMENT = f"octo/cnn@{SHA}"


def spec() -> ContainerSpec:
    return training_spec(EXPERIMENT, 3, "run-1", Path("/var/t/3"), gpus=("0",), runtime="runsc", stack="s")


def test_a_spec_comes_back_equal_from_json() -> None:
    assert ContainerSpec.from_json(json.loads(json.dumps(spec().to_json()))) == spec()


@pytest.mark.parametrize(
    "change",
    [
        {"image": "other"},
        {"command": ("sleep", "1")},
        {"environment": {"A": "1"}},
        {"mounts": (Mount("/a", "/b"),)},
        {"limits": Limits(memory_bytes=1)},
        {"network": "bridge"},
        {"user": "0:0"},
        {"gpus": ()},
        {"runtime": None},
    ],
)
def test_the_hash_changes_with_the_configuration(change: dict[str, Any]) -> None:
    assert replace(spec(), **change).config_hash != spec().config_hash


@pytest.mark.parametrize("change", [{"name": "n"}, {"labels": {}}, {"image_id": "sha256:1"}])
def test_the_hash_ignores_what_does_not_change_the_training(change: dict[str, Any]) -> None:
    assert replace(spec(), **change).config_hash == spec().config_hash


def test_a_spec_stays_bound_to_its_first_image() -> None:
    assert spec().pinned("sha256:1").pinned("sha256:2").image_id == "sha256:1"


@pytest.mark.parametrize(
    ("experiment", "stack", "name"),
    [
        (EXPERIMENT, "default", "cnn-octo.cnn-0123456-t2"),
        (f"{EXPERIMENT}+3", "default", "cnn-octo.cnn-0123456.3-t2"),
        (EXPERIMENT, "my stack", "cnn-my_stack-octo.cnn-0123456-t2"),
        (f"a-b/c@{SHA}", "default", "cnn-a-b.c-0123456-t2"),
        (f"a/b-c@{SHA}", "default", "cnn-a.b-c-0123456-t2"),
    ],
)
def test_names_are_deterministic_and_tell_repositories_apart(experiment: str, stack: str, name: str) -> None:
    assert container_name(experiment, 2, stack) == name


def test_a_relaunch_has_a_name_of_its_own() -> None:
    assert [relaunch_name("n", k) for k in (0, 1)] == ["n", "n-r1"]


@pytest.mark.parametrize(
    "text", ["octo/cnn", "octo/cnn@123", f"octo@{SHA}", f"{EXPERIMENT}+", f"x {EXPERIMENT}"]
)
def test_what_is_no_experiment_id_is_refused(text: str) -> None:
    with pytest.raises(BadExperimentId, match="names no experiment"):
        ExperimentId.parse(text)


def test_labels_say_whose_container_it_is() -> None:
    assert spec().labels == {
        "cnn.stack": "s",
        "cnn.repository": "octo/cnn",
        "cnn.sha": SHA,
        "cnn.experiment": EXPERIMENT,
        "cnn.trial": "3",
        "cnn.run_id": "run-1",
    }
