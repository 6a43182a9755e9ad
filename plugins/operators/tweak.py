"""The operators of the loop: choose the next hyper-parameters, and start the run that trains them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from airflow.providers.standard.operators.branch import BaseBranchOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Context

from include.experiments.installation import Installation
from include.experiments.tuning import next_trial
from plugins.operators import names


class TweakOperator(BaseBranchOperator):
    """Proposes the next trial and goes to `retrain`, or reports the best trial when nothing is left to try.

    Args:
        experiment: Id of the experiment, templated.
        trial: Number of the trial that was judged, templated.
    """

    template_fields: Sequence[str] = ("experiment", "trial")
    ui_color = "#fff4d6"

    def __init__(self, *, experiment: str, trial: int | str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.experiment = experiment
        self.trial = trial

    def choose_branch(self, context: Context) -> str:
        """Propose, lay out the trial's files, and name the task that follows."""
        proposed = next_trial(Installation.from_environment(), self.experiment, int(self.trial))
        if proposed is None:
            self.log.info("Nothing is left to try for %s; the best trial is reported", self.experiment)
            return names.NOTIFY_BUDGET_SPENT
        self.log.info("Trial %d: %s", proposed.number, proposed.reason)
        context["ti"].xcom_push(key="next", value=asdict(proposed))
        return names.RETRAIN


class RetrainOperator(TriggerDagRunOperator):
    """Triggers the run of the trial that `tweak` proposed, once; its note says why its values were chosen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(skip_when_already_exists=True, **kwargs)

    def execute(self, context: Context) -> None:
        """Trigger the run."""
        proposed: dict[str, Any] = context["ti"].xcom_pull(task_ids=names.TWEAK, key="next")
        self.trigger_run_id = proposed["run_id"]
        self.conf = proposed["conf"]
        self.note = f"Trial {proposed['number']}: {proposed['reason']}"
        super().execute(context)
