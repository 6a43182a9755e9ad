"""The Airflow plugin that has the scheduler name the runs which a push starts."""

from typing import ClassVar

from airflow.plugins_manager import AirflowPlugin

from plugins.listeners import run_notes


class RunNotesPlugin(AirflowPlugin):
    """Registers the listener of `plugins/listeners/run_notes.py`."""

    name = "run_notes"
    listeners: ClassVar[list[object]] = [run_notes]
