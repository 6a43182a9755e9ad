"""The operator of the train task: one trial, one container, however often the task is tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.providers.docker.operators.docker import DockerOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

import docker

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.containers import Engine


class TrainingOperator(DockerOperator):
    """Trains one trial in a hardened container and waits for it in the triggerer.

    The container is found again by its labels: whatever happens to worker, scheduler or triggerer, a trial is
    trained once. The provider's operator gives connection, login and pulling of the image; launching is this
    project's, because the provider knows neither adoption nor hardening.

    Args:
        experiment: Experiment id (templated).
        trial: Number of the trial (templated).
        image: Shown in the UI until the trial's own image is known.
        kwargs: Arguments of `DockerOperator`, such as ``docker_url`` and ``docker_conn_id``.
    """

    template_fields: Sequence[str] = ("experiment", "trial", *DockerOperator.template_fields)

    def __init__(
        self, *, experiment: str, trial: str | int, image: str = "better-cnn-training:latest", **kwargs: Any
    ) -> None:
        super().__init__(image=image, mount_tmp_dir=False, auto_remove="never", **kwargs)
        self.experiment = experiment
        self.trial = trial

    def execute(self, context: Context) -> dict[str, Any]:  # type: ignore[override]
        """Launch or adopt the trial's container, then wait for it in the triggerer.

        Returns:
            The outcome of a training that had finished before; any other reaches XCom from the trigger:
            ``{"ending", "reason", "container_id", "seconds", "exit_code", "relaunches", "config"}``.

        Raises:
            AirflowSkipException: Another trial has ended the experiment before this one was launched.
        """
        from include.containers import Outcome, begin_training
        from include.experiments.training import TrialSuperseded, prepare_training

        try:
            request = prepare_training(self.experiment, int(self.trial))
        except TrialSuperseded as over:
            raise AirflowSkipException(str(over)) from over
        self.image = request.spec.image
        self.docker_url = request.engine or self.docker_url
        begun = begin_training(self._engine(request.spec.labels["cnn.stack"]), request)
        if isinstance(begun, Outcome):
            self.log.info("This training has finished already: %s", begun.reason)
            return begun.to_json()
        self.log.info("Training in container %s (%s).", begun.name, str(begun.id)[:12])
        self._wait(str(request.trial_dir), request.spec.labels["cnn.stack"])

    def execute_complete(self, context: Context, event: dict[str, Any]) -> NoReturn:
        """Fail the task: the trigger resumes it only for a training that has no result to judge.

        Raises:
            AirflowFailException: Always, with the reason. A retry would train what the monitor gave up.
        """
        raise AirflowFailException(f"The training {event['ending']}: {event['reason']}")

    def on_kill(self) -> None:
        """Leave the container alone: a worker that is stopped is no reason to lose a training.

        A person's "mark failed" or "clear" reaches the trigger, which does stop it.
        """

    def _engine(self, stack: str) -> Engine:
        from include.containers import Engine

        client = docker.DockerClient(base_url=self._url())
        client.api = self.cli  # the provider's, logged in to the registry of `docker_conn_id`
        return Engine(client, stack)

    def _url(self) -> str | None:
        return self.docker_url if isinstance(self.docker_url, str) else None

    def _wait(self, trial_dir: str, stack: str) -> NoReturn:
        from plugins.triggers.training_container import TrainingContainerTrigger

        trigger = TrainingContainerTrigger(trial_dir, stack, self._url(), reports=True)
        self.defer(trigger=trigger, method_name="execute_complete")
