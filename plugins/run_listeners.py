"""The Airflow plugin that hears of what happens to runs, and of processes that start."""

from airflow.plugins_manager import AirflowPlugin

from plugins.listeners import person_stops, run_notes, store_opening


class RunListenersPlugin(AirflowPlugin):
    """Registers the listeners of `plugins/listeners/`."""

    name = "run_listeners"
    listeners = [run_notes, person_stops, store_opening]  # noqa: RUF012 - Airflow declares it as it is
