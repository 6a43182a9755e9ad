"""The operators that write to the developer."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator, Context, TaskInstanceState
from airflow.sdk.exceptions import AirflowSkipException

from include.experiments.crashing import give_up
from include.experiments.installation import Installation
from plugins.hooks.ends import tell_of_end
from plugins.operators.links import pages_of


class NotifyDeveloperOperator(BaseOperator):
    """Tells how the experiment ended: the developer by mail, a team by Slack or webhook; each of them once.

    What a server can't take now stays in the outbox; `monitor_containers` hands it over later.

    Args:
        experiment: Id of the experiment, templated.
        smtp_conn_id: The SMTP connection.
    """

    template_fields: Sequence[str] = ("experiment",)
    ui_color = "#e6f7e6"

    def __init__(self, *, experiment: str, smtp_conn_id: str = "smtp_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.experiment = experiment
        self.smtp_conn_id = smtp_conn_id

    def execute(self, context: Context) -> None:
        """Post the mail, then try to hand over all that wait."""
        tell_of_end(self.experiment, self.smtp_conn_id, pages_of(context), self.log)


class NotifyCrashOperator(NotifyDeveloperOperator):
    """Ends an experiment whose training was given up, and tells the developer.

    Args:
        trial: Number of the trial, templated.
    """

    template_fields: Sequence[str] = (*NotifyDeveloperOperator.template_fields, "trial")
    ui_color = "#fde8e8"

    def __init__(self, *, trial: int | str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.trial = trial

    def execute(self, context: Context) -> None:
        """Record the end, then tell.

        Raises:
            AirflowSkipException: no push was claimed, so there is nobody to tell but the operator.
        """
        if not self.experiment:
            raise AirflowSkipException("No push was claimed; the log of wait_for_push says why")
        failed = self._is_failed(context)
        give_up(Installation.from_environment(), self.experiment, int(self.trial), task_failed=failed)
        super().execute(context)

    def _is_failed(self, context: Context) -> bool:
        """Say whether the training task itself failed; `upstream_failed` is another's failure."""
        run, (task,) = context["dag_run"], self.upstream_task_ids
        states = context["ti"].get_task_states(dag_id=run.dag_id, task_ids=[task], run_ids=[run.run_id])
        return bool(states.get(run.run_id, {}).get(task) == TaskInstanceState.FAILED)
