"""The first task of a run: whose push is it, and is it ours to train?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from airflow.providers.standard.utils.skipmixin import SkipMixin
from airflow.sdk import BaseXCom, Context
from airflow.sdk.exceptions import AirflowSkipException

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import Goals
from include.identity import ExperimentId
from include.source import Push, resolve
from plugins.hooks.github_api import connect
from plugins.operators import names
from plugins.operators.start_run import StartRunOperator
from plugins.sensors.github_push import Found, GitHubPushSensor


class Work(TypedDict):
    """What a run is about: one trial of one experiment; `others` are pushes without a run."""

    experiment: str
    trial: int
    others: list[str]


class WaitForPushOperator(GitHubPushSensor, SkipMixin):
    """`GitHubPushSensor` that also claims the push, so that each commit is trained exactly once.

    A run of a later trial knows its experiment from its conf, and goes straight to the training. The events
    of its outlets carry `{experiment, trial}`.

    Args:
        first_trial_only: Ids of the tasks that the runs of later trials skip.
    """

    def __init__(self, *, first_trial_only: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(ref="{{ params.sha or '' }}", **kwargs)
        self.first_trial_only = first_trial_only

    def execute(self, context: Context) -> Work:  # type: ignore[override]  # a claimed push is more than a found one
        """Return the run's experiment and trial.

        Raises:
            AirflowSkipException: the push is trained already, or there is none.
        """
        trial = int(context["params"]["trial"])
        if trial > 1:
            identity = ExperimentId.parse(f"{self.repository}@{context['params']['sha']}")
            return self._go_on(Work(experiment=str(identity), trial=trial, others=[]), context)
        return self._claim(super().execute(context), context)

    def execute_complete(  # type: ignore[override]  # as above
        self, context: Context, event: dict[str, Any], also: Sequence[str] = ()
    ) -> Work:
        """Claim what the triggerer found."""
        return self._claim(super().execute_complete(context, event, also), context)

    def _claim(self, found: Found, context: Context) -> Work:
        store = Installation.from_environment().store
        params, run_id = context["params"], context["run_id"]
        others = [*found["also"], *(params.get("others") or [])]
        for push in self._candidates(found, others):
            experiment = store.claim(push, _goals(params), run_id, force=bool(params["force"]))
            if experiment is not None:
                self.log.info("%s: %s by %s", experiment, _first_line(push.message), push.author_name)
                return self._say(Work(experiment=str(experiment), trial=1, others=others), context)
            self.log.info("%s", _owned(store.get(f"{push.repository}@{push.sha}")))
        raise AirflowSkipException("Nothing new to train; set `force` to train a commit again")

    def _go_on(self, work: Work, context: Context) -> Work:
        """Say it, and skip what only a first trial needs."""
        self._say(work, context)
        context["ti"].xcom_push(BaseXCom.XCOM_RETURN_KEY, work)  # a task that skips others returns nothing
        self.skip(context["ti"], [context["dag"].get_task(name) for name in self.first_trial_only])
        return work

    def _say(self, work: Work, context: Context) -> Work:
        """Tell downstream DAGs, and who names the run, which trial this is."""
        for outlet in self.outlets:
            context["outlet_events"][outlet].extra = {
                "experiment": work["experiment"],
                "trial": work["trial"],
            }
        return work

    def _candidates(self, found: Found, others: list[str]) -> Iterator[Push]:
        """The run's own push, then the others; what is handed out is taken off `others`."""
        yield Push.from_json(found["push"])
        while others:
            yield resolve(connect(self.github_conn_id), self.repository, others.pop(), self.branch)


class StartOtherPushOperator(StartRunOperator):
    """Starts a run for the next push where several came so close that Airflow made one run of them.

    That run starts the one after it, so each push gets its own experiment.

    Args:
        repository: `owner/name`.
    """

    def __init__(self, *, repository: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.repository = repository

    def execute(self, context: Context) -> None:
        """Trigger the run, or skip where no other push came along."""
        work: Work = context["ti"].xcom_pull(task_ids=names.WAIT_FOR_PUSH)
        if not work["others"]:
            raise AirflowSkipException("No other push came with this one")
        *rest, newest = work["others"]
        identity = ExperimentId(self.repository, newest)
        self.trigger_run_id = identity.run_id(1)
        self.conf = {**identity.conf(1), "others": rest}
        super().execute(context)


def _goals(params: Mapping[str, Any]) -> Goals:
    return Goals(
        target=float(params["target"]),
        max_trials=int(params["max_trials"]),
        max_hours=float(params["max_hours"]),
        strategy=str(params["strategy"]),
        pruner=str(params["pruner"]),
        warm_start=bool(params["warm_start"]),
        parallel_trials=int(params["parallel_trials"]),
    )


def _owned(experiment: Experiment) -> str:
    return f"{experiment} is trained already by run {experiment.run_id(1)}: {experiment.state.value}"


def _first_line(message: str) -> str:
    return message.partition("\n")[0][:80]
