"""Names the run that carries a push's first trial, whose run id Airflow makes up itself."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from airflow.listeners import hookimpl

from include.source import is_sha

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

PREFIX = "train_cnn__"


@hookimpl
def on_dag_run_running(dag_run: "DagRun", msg: str) -> None:
    """Note commit and trial on a run that a push started; Airflow saves it with the run's new state."""
    del msg
    if not dag_run.dag_id.startswith(PREFIX) or dag_run.note:
        return
    shas = [sha for event in dag_run.consumed_asset_events if (sha := _sha(event.extra))]
    if shas:
        dag_run.note = f"{shas[-1][:12]}.trial-1"


def _sha(extra: object) -> str | None:
    payload = extra.get("payload", extra) if isinstance(extra, Mapping) else {}
    sha = payload.get("sha") if isinstance(payload, Mapping) else None
    return sha if isinstance(sha, str) and is_sha(sha) else None
