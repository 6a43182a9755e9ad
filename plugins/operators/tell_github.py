"""The operators that tell on GitHub what a push has come to; nothing waits for them."""

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowSkipException

from include.experiments.answering import answer_pending, answer_push
from include.experiments.installation import Installation
from plugins.hooks.github_api import connect
from plugins.operators.links import pages_of

_MINUTES = 3
_NICENESS = 10


class TellGitHubOperator(BaseOperator):
    """Brings commit status, check run, comment and pull request of a push up to date.

    A teardown task: its own failure leaves the run's state as it is. What GitHub can't take now is told later
    by `monitor_containers`; what it refuses is in the log, with the remedy.

    Args:
        experiment: Id of the experiment, templated; empty where no push was claimed.
    """

    template_fields: Sequence[str] = ("experiment",)
    ui_color = "#eae6f7"

    def __init__(self, *, experiment: str, **kwargs: Any) -> None:
        super().__init__(execution_timeout=timedelta(minutes=_MINUTES), **kwargs)
        self.experiment = experiment
        self.as_teardown()

    def execute(self, context: Context) -> None:
        """Tell.

        Raises:
            AirflowSkipException: no push was claimed.
        """
        if not self.experiment:
            raise AirflowSkipException("No push was claimed; there is nothing to tell")
        os.nice(_NICENESS)  # the next trial's tasks run beside this one, and come first
        answer_push(Installation.from_environment(), self.experiment, connect, pages_of(context))


class TellGitHubLaterOperator(BaseOperator):
    """The monitor's: tells what GitHub could not take earlier; never for long, for the monitor's sake."""

    ui_color = "#eae6f7"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(execution_timeout=timedelta(minutes=1), **kwargs)

    def execute(self, context: Context) -> None:
        """Tell what is due."""
        del context
        answer_pending(Installation.from_environment(), connect)
