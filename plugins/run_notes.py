"""The Airflow plugin that names the runs of first trials."""

from airflow.plugins_manager import AirflowPlugin

from plugins.listeners import run_notes


class RunNotesPlugin(AirflowPlugin):
    """Registers the listener of `plugins/listeners/run_notes.py`."""

    name = "run_notes"
    listeners = [run_notes]  # noqa: RUF012 - Airflow declares it as it is
