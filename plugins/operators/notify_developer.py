"""The operators that write to the developer."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator, Context, TaskInstanceState
from airflow.sdk.exceptions import AirflowSkipException

from include.experiments.announcing import announce
from include.experiments.answering import answer_push
from include.experiments.crashing import give_up
from include.experiments.installation import Installation
from include.experiments.telling import tell_developer
from include.feedback import Pages
from plugins.hooks.github_api import connect
from plugins.hooks.mail import deliver_pending, sender_of
from plugins.hooks.notices import deliver_notices
from plugins.operators.links import experiment_url, run_url


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
        installation = Installation.from_environment()
        sender = sender_of(self.smtp_conn_id)
        pages = run_url(context), experiment_url(context)
        self._tell_github(installation, Pages(*pages))
        told = tell_developer(installation, self.experiment, sender, *pages)
        self.log.info("%s: %s", told.event_id, told.explanation)
        self._announce(installation, told.headline, *pages)
        for delivery in deliver_pending(installation.settings.outbox, self.smtp_conn_id):
            self.log.info("%s is %s: %s", delivery.event_id, delivery.state, delivery.detail)
        deliver_notices(installation, self.log)

    def _tell_github(self, installation: Installation, pages: Pages) -> None:
        """First of all, so that the mail can link the pull request; the mail goes out all the same."""
        try:
            answer_push(installation, self.experiment, connect, pages)
        except Exception:  # GitHub's own failures are none: this would be a mistake of ours
            self.log.exception("GitHub was not told; `tell_github` tries again")

    def _announce(self, installation: Installation, headline: str, *pages: str | None) -> None:
        try:
            for place in announce(installation, self.experiment, headline, *pages):
                self.log.info("%s is to be told", place)
        except Exception:  # a mistake there is no reason to train nothing more
            self.log.exception("Slack and webhooks are not told of this")


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
