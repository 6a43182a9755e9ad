"""Puts on record that a person ended a training, before anything else can answer that.

Airflow tells of a task that a person marked (by hand, with its run, or by the pages' *Stop*) without a
previous state, in the server that the person asked and before the change is committed.
"""

from typing import Any

from airflow.listeners import hookimpl

from include.experiments.installation import Installation
from include.experiments.stopping import stop_training
from plugins.operators import names


@hookimpl
def on_task_instance_failed(previous_state: Any, task_instance: Any) -> None:
    """Note the stop of a training that was marked as failed."""
    _note(previous_state, task_instance)


@hookimpl
def on_task_instance_success(previous_state: Any, task_instance: Any) -> None:
    """Note the stop of a training that was marked as success."""
    _note(previous_state, task_instance)


def _note(previous_state: Any, task_instance: Any) -> None:
    if previous_state is None and task_instance.task_id == names.TRAIN:
        stop_training(Installation.from_environment(), task_instance.dag_id, task_instance.run_id)
