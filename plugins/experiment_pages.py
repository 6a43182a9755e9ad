"""The Airflow plugin that brings the pages Experiments and Experiment into the web UI."""

from airflow.plugins_manager import AirflowPlugin

from plugins.pages.lazily import LazyApp
from plugins.pages.links import ExperimentLink

PREFIX = "/experiments"
# Relative, so that it holds below any base URL of the web UI too.
_HREF = PREFIX.removeprefix("/")


class ExperimentPagesPlugin(AirflowPlugin):
    """Serves the pages of `plugins/pages` and links to them from navigation, DAGs, runs and tasks."""

    name = "experiment_pages"
    fastapi_apps = [{"app": LazyApp("plugins.pages.app"), "url_prefix": PREFIX, "name": "Experiments"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012 - Airflow declares them as they are
        {
            "name": "Experiments",
            "href": f"{_HREF}/",
            "destination": "nav",
            "url_route": "experiments",
            "nav_top_level": True,
            "icon": f"{_HREF}/icon/light.svg",
            "icon_dark_mode": f"{_HREF}/icon/dark.svg",
        },
        {
            "name": "Experiments",
            "href": f"{_HREF}/of-dag?dag={{DAG_ID}}",
            "destination": "dag",
            "url_route": "experiments-of-dag",
        },
        {
            "name": "Experiment",
            "href": f"{_HREF}/of-run?dag={{DAG_ID}}&run={{RUN_ID}}",
            "destination": "dag_run",
            "url_route": "experiment-of-run",
        },
        {
            "name": "Experiment",
            "href": f"{_HREF}/of-run?dag={{DAG_ID}}&run={{RUN_ID}}",
            "destination": "task_instance",
            "url_route": "experiment-of-task",
        },
    ]
    global_operator_extra_links = [ExperimentLink()]  # noqa: RUF012
