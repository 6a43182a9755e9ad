"""The Airflow plugin that follows what happens to runs: it names first trials, and notes who is stopped."""

from airflow.plugins_manager import AirflowPlugin

from plugins.listeners import person_stops, run_notes


class RunListenersPlugin(AirflowPlugin):
    """Registers the listeners of `plugins/listeners/`."""

    name = "run_listeners"
    listeners = [run_notes, person_stops]  # noqa: RUF012 - Airflow declares it as it is
