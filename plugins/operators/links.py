"""Addresses of Airflow's own pages, for those who read of a run elsewhere."""

from urllib.parse import urlencode

from airflow.configuration import conf
from airflow.sdk import Context

from include.feedback import Pages


def pages_of(context: Context) -> Pages:
    """Pages of the run that a task is part of, and of its experiment."""
    return pages_of_run(context["dag_run"].dag_id, context["dag_run"].run_id)


def pages_of_run(dag_id: str, run_id: str) -> Pages:
    """Pages of a run and of its experiment; none where `[api] base_url` is not set."""
    base = conf.get("api", "base_url", fallback=None)
    if not base:
        return Pages(None, None)
    site, query = base.rstrip("/"), urlencode({"dag": dag_id, "run": run_id})
    experiment = f"{site}/plugin/experiments/experiments/of-run?{query}"
    return Pages(f"{site}/dags/{dag_id}/runs/{run_id}", experiment)
