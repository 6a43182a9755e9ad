"""The branching operator that decides, without running it, whether a push is a CNN."""

from typing import Any

from airflow.providers.standard.operators.branch import BaseBranchOperator
from airflow.sdk import Context

from include.experiments.inspection import inspect_push
from include.experiments.installation import Installation
from plugins.operators import names


class DetectCnnOperator(BaseBranchOperator):
    """Goes to `train` for a CNN that can be trained here, else to the mail that says why not.

    Args:
        experiment: Id of the experiment, templated.
    """

    template_fields = ("experiment",)
    ui_color = "#e8f0ff"

    def __init__(self, *, experiment: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.experiment = experiment

    def choose_branch(self, context: Context) -> str:
        """Inspect the push and name the task that follows."""
        verdict = inspect_push(Installation.from_environment(), self.experiment)
        self.log.info("%s: %s", verdict.kind.value, verdict.reason)
        for evidence in verdict.evidence:
            self.log.info("%s", evidence)
        return names.TRAIN if verdict.trainable else names.NOTIFY_NOT_A_CNN
