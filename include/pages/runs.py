"""From a DAG run to the experiment whose trial it carries."""

from __future__ import annotations

import re

from include.identity import ExperimentId
from include.pages.database import Database
from include.pages.detail import dag_id

_TRIAL_RUN = re.compile(r"(?P<sha>[0-9a-f]{12})(?:\+(?P<attempt>[1-9]\d*))?\.trial-(?P<trial>[1-9]\d*)")


def experiment_of_run(database: Database, dag: str, run_id: str) -> ExperimentId | None:
    """The experiment of a run, None where it claimed no push (trained already, or another DAG).

    Args:
        database: The store.
        dag: Id of the run's DAG.
        run_id: The run: the one that claimed the push, or one named by commit and trial.
    """
    names = database.owned_by(run_id)
    match = _TRIAL_RUN.fullmatch(run_id)
    if match is not None:
        names += database.names_with(f"@{match['sha']}")
    for name in names:
        identity = ExperimentId.parse(name)
        same_attempt = match is None or identity.attempt == int(match["attempt"] or 1)
        if dag_id(identity.repository) == dag and same_attempt:
            return identity
    return None
