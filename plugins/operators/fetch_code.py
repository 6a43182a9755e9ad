"""The operator that brings a push's files to the workspace."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException

from include.experiments.fetching import fetch_push
from include.experiments.installation import Installation
from include.source import SourceError
from plugins.hooks.github_api import connect


class FetchCodeOperator(BaseOperator):
    """Fetches the whole tree of a push, once; a push that must not be fetched gets a verdict that says why.

    Args:
        experiment: Id of the experiment, templated.
        github_conn_id: The GitHub connection.
    """

    template_fields: Sequence[str] = ("experiment",)
    ui_color = "#d7e8fb"

    def __init__(self, *, experiment: str, github_conn_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.experiment = experiment
        self.github_conn_id = github_conn_id

    def execute(self, context: Context) -> None:
        """Fetch.

        Raises:
            AirflowFailException: GitHub refused, and trying again would not help.
        """
        try:
            said = fetch_push(
                Installation.from_environment(), self.experiment, lambda: connect(self.github_conn_id)
            )
        except SourceError as error:
            if error.transient:
                raise
            raise AirflowFailException(str(error)) from error
        self.log.info("%s", said)
