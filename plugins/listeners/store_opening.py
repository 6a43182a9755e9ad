"""Opens the experiment store where Airflow's processes begin, so that no task needs to.

Tasks run in processes that are forked from the scheduler's, and have what it has: a storage that is open,
with its queries compiled.
"""

import logging

from airflow.listeners import hookimpl
from optuna.exceptions import StorageInternalError
from sqlalchemy.exc import SQLAlchemyError

from include.experiments.installation import Installation

log = logging.getLogger(__name__)


@hookimpl
def on_starting() -> None:
    """Open the store as scheduler, triggerer and DAG processor start; without it each task opens its own."""
    try:
        Installation.from_environment().store.open()
    except (SQLAlchemyError, StorageInternalError, OSError) as error:
        log.warning("The experiment store can't be opened now; each task tries by itself: %s", error)
