"""The operators of the loop: choose the next hyper-parameters, and start the run that trains them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from airflow.providers.standard.operators.branch import BaseBranchOperator
from airflow.sdk import Context

from include.containers.engine import Engine
from include.containers.tweaking import remove_step
from include.experiments.installation import Installation
from include.experiments.records import State
from include.experiments.tuning import NoMoreTrials, Wait, next_trial
from include.experiments.waiting import end_waiting
from plugins.operators import names
from plugins.operators.start_run import StartRunOperator

_ENDS = {State.TWEAK_ERROR: names.NOTIFY_TWEAK_ERROR, State.EXHAUSTED: names.NOTIFY_BUDGET_SPENT}


class TweakOperator(BaseBranchOperator):
    """Proposes the next trial and goes to `retrain`, or reports the best trial when nothing is left to try.

    Where the push has a tweak script of its own, that script is run, once, in a container that lives for a
    minute at most (`tweak_seconds`): short enough to wait for it here, without the triggerer.

    Args:
        experiment: Id of the experiment, templated.
        trial: Number of the trial that was judged, templated.
        beside: Propose a trial to be trained beside this one, instead of the one after it.
        retrain: Id of the task that starts the proposed trial.
        docker_url: The Docker engine; None for the one of `DOCKER_HOST`.
    """

    template_fields: Sequence[str] = ("experiment", "trial")
    ui_color = "#fff4d6"

    def __init__(
        self,
        *,
        experiment: str,
        trial: int | str,
        beside: bool = False,
        retrain: str = names.RETRAIN,
        docker_url: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.beside, self.retrain = beside, retrain
        self.experiment = experiment
        self.trial = trial
        self.docker_url = docker_url

    def choose_branch(self, context: Context) -> str | None:
        """Propose, lay out the trial's files, and name the task that follows, if any."""
        installation = Installation.from_environment()
        proposed = next_trial(
            installation, self.experiment, int(self.trial), self._engine, beside=self.beside
        )
        if isinstance(proposed, Wait | NoMoreTrials):
            end_waiting(installation, self.experiment, int(self.trial))
        if isinstance(proposed, Wait):
            self.log.info("Nothing to start now: %s", proposed.reason)
            return None
        if isinstance(proposed, NoMoreTrials):
            self.log.info("No more trials of %s: %s", self.experiment, proposed.reason)
            return None if self.beside else _ENDS[proposed.state]
        self.log.info("Trial %d: %s", proposed.number, proposed.reason)
        context["ti"].xcom_push(key="next", value=asdict(proposed))
        return self.retrain

    def on_kill(self) -> None:
        """Remove the container of a tweak script: the next try runs it anew, from the same start."""
        remove_step(self._engine(), self.experiment, int(self.trial))

    def _engine(self) -> Engine:
        return Engine.connect(Installation.from_environment().settings.stack, self.docker_url)


class RetrainOperator(StartRunOperator):
    """Triggers the run of the trial that `tweak` proposed, once; its note says why its values were chosen.

    Args:
        tweak: Id of the task that proposed it.
    """

    def __init__(self, *, tweak: str = names.TWEAK, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tweak = tweak

    def execute(self, context: Context) -> None:
        """Trigger the run."""
        proposed: dict[str, Any] = context["ti"].xcom_pull(task_ids=self.tweak, key="next")
        self.trigger_run_id = proposed["run_id"]
        self.conf = proposed["conf"]
        self.note = f"Trial {proposed['number']}: {proposed['reason']}"
        super().execute(context)
