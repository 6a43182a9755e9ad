"""The link from a task instance to the experiment whose trial it is part of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from airflow.configuration import conf
from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk.types import TaskInstanceKey

TRAINING_DAGS = "train_cnn__"


class ExperimentLink(BaseOperatorLink):
    """Shows "Experiment" on the tasks of the DAGs that train, and on no others."""

    name = "Experiment"

    def get_link(self, operator: Any, *, ti_key: TaskInstanceKey) -> str:
        """Address of the page within the web UI; empty, so not shown, for tasks of other DAGs."""
        if not ti_key.dag_id.startswith(TRAINING_DAGS):
            return ""
        base = str(conf.get("api", "base_url", fallback="")).rstrip("/")
        query = urlencode({"dag": ti_key.dag_id, "run": ti_key.run_id})
        return f"{base}/plugin/experiments/experiments/of-run?{query}"
