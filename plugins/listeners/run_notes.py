"""Names the run that carries a push's first trial, whose run id Airflow makes up itself.

Airflow 3.3 asks nobody for the id of a run that an asset event starts, and makes up the one of a scheduled or
manual run before the commit is known, so the name becomes the run's note.
"""

from airflow.listeners import hookimpl
from airflow.listeners.types import AssetEvent
from airflow.models.dagrun import DagRun
from sqlalchemy import select
from sqlalchemy.orm import Session

from include.identity import ExperimentId
from plugins.hooks.metadata import in_transaction

TRIALS = "cnn-trials://"


@hookimpl
def on_asset_event_emitted(asset_event: AssetEvent) -> None:
    """Note commit and trial on the run that has just claimed them, however it was started.

    `wait_for_push` says which trial it is by an event of the asset `cnn-trials://owner/name`. Airflow calls
    this after it has committed the event, in the server that the task reported to.
    """
    if not asset_event.asset.uri.startswith(TRIALS):
        return
    identity = ExperimentId.parse(str(asset_event.extra["experiment"]))
    trial = int(str(asset_event.extra["trial"]))
    in_transaction(lambda session: _name(session, asset_event, identity.run_id(trial), is_first=trial == 1))


def _name(session: Session, event: AssetEvent, name: str, *, is_first: bool) -> None:
    run = session.scalar(
        select(DagRun).where(DagRun.dag_id == event.source_dag_id, DagRun.run_id == event.source_run_id)
    )
    if run is None or name in (run.note or ""):
        return
    if not run.note:
        run.note = name
    elif is_first:  # a person's own words stay; a later trial's run has the name as its id
        run.note = f"{name}\n\n{run.note}"
