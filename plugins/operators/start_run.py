"""Starting a DAG run at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Context


class StartRunOperator(TriggerDagRunOperator):
    """Triggers a run that is due already, unless there is one of its id.

    Airflow starts a queued run once its `run_after` is not after the database's time, which SQLite tells in
    whole seconds: a run that is due now would wait for the next of them, half a second on average.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(skip_when_already_exists=True, **kwargs)

    def execute(self, context: Context) -> None:
        """Trigger the run."""
        self.run_after = datetime.now(UTC) - timedelta(seconds=1)
        super().execute(context)
