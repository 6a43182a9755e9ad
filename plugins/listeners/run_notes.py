"""Names the run that carries a push's first trial, whose run id Airflow makes up itself."""

from airflow.listeners import hookimpl
from airflow.listeners.types import AssetEvent
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from sqlalchemy import select

from include.identity import ExperimentId

TRIALS = "cnn-trials://"


@hookimpl
def on_asset_event_emitted(asset_event: AssetEvent) -> None:
    """Note commit and trial on the run that has just claimed them.

    `wait_for_push` says which trial it is by an event of the asset `cnn-trials://owner/name`. Airflow calls
    this after it has committed the event, in the server that the task reported to.
    """
    if not asset_event.asset.uri.startswith(TRIALS):
        return
    identity = ExperimentId.parse(str(asset_event.extra["experiment"]))
    with create_session() as session:
        run = session.scalar(
            select(DagRun).where(
                DagRun.dag_id == asset_event.source_dag_id, DagRun.run_id == asset_event.source_run_id
            )
        )
        if run is not None and not run.note:
            run.note = identity.run_id(int(str(asset_event.extra["trial"])))
