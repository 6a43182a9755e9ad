"""The listener notes the stop of a training that a person marked, and nothing else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import TaskInstanceState

from include.containers import StoppedBy, read_stop
from include.experiments.installation import Installation
from include.experiments.records import Goals
from plugins.listeners import person_stops
from plugins.listeners.person_stops import on_task_instance_failed, on_task_instance_success
from plugins.run_listeners import RunListenersPlugin
from tests.include.experiments.launched import PUSH, launch
from tests.include.experiments.watched import installed

__all__ = ["installed"]


@pytest.mark.parametrize(
    ("previous", "task", "is_noted"),
    [(None, "train", True), (TaskInstanceState.RUNNING, "train", False), (None, "check_accuracy", False)],
)
@pytest.mark.parametrize("told", [on_task_instance_failed, on_task_instance_success])
def test_a_stop_is_noted_of_a_training_that_a_person_marked(
    installed: Installation, told: Any, previous: Any, task: str, is_noted: bool
) -> None:
    experiment = installed.store.claim(PUSH, Goals(0.9, 20, 1, "tpe"), "first")
    assert experiment is not None
    folder = launch(installed, experiment, 1)
    marked = SimpleNamespace(dag_id="train_cnn__admin__mnist", run_id="first", task_id=task)
    told(previous_state=previous, task_instance=marked)
    stop = read_stop(folder)
    assert (stop is not None and stop.by is StoppedBy.USER) == is_noted


def test_airflow_loads_the_listener() -> None:
    assert person_stops in RunListenersPlugin.listeners
