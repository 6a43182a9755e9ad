"""Addresses of Airflow's own pages, for those who read of a run elsewhere."""

from urllib.parse import urlencode

from airflow.configuration import conf
from airflow.sdk import Context


def experiment_url(context: Context) -> str | None:
    """Page of the experiment that a run is part of; None where `[api] base_url` is not set."""
    base = conf.get("api", "base_url", fallback=None)
    if not base:
        return None
    run = context["dag_run"]
    query = urlencode({"dag": run.dag_id, "run": run.run_id})
    return f"{base.rstrip('/')}/plugin/experiments/experiments/of-run?{query}"


def run_url(context: Context) -> str | None:
    """Page of the DAG run; None where `[api] base_url` is not set."""
    base = conf.get("api", "base_url", fallback=None)
    if not base:
        return None
    run = context["dag_run"]
    return f"{base.rstrip('/')}/dags/{run.dag_id}/runs/{run.run_id}"
