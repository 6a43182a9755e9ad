"""The operator of the train task, on real containers: one training however often it is tried."""

from __future__ import annotations

from typing import cast

import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred

from include.containers import EndingKind, Engine, Outcome, TrainingRequest, record_outcome, training
from include.experiments import training as experiments
from plugins.operators.training import TrainingOperator
from plugins.triggers.training_container import TrainingContainerTrigger
from tests.include.containers.support import MakeTrial, Trial, engine, make_trial

__all__ = ["engine", "make_trial"]

pytestmark = pytest.mark.docker

NO_CONTEXT = cast("Context", {})


@pytest.fixture
def trial(make_trial: MakeTrial, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """Give the trial that the experiment store would describe."""
    made = make_trial()

    def prepare_training(experiment: str, number: int) -> TrainingRequest:
        assert (experiment, number) == (made.experiment, made.number)
        return made.request

    monkeypatch.setattr(experiments, "prepare_training", prepare_training)
    monkeypatch.setattr(training, "SETTLE_SECONDS", 0.0)
    return made


def operator(trial: Trial) -> TrainingOperator:
    return TrainingOperator(task_id="train", experiment=trial.experiment, trial=str(trial.number))


def deferred(trial: Trial) -> TaskDeferred:
    with pytest.raises(TaskDeferred, match=r"TrainingContainerTrigger|^$") as caught:
        operator(trial).execute(NO_CONTEXT)
    return caught.value


def test_it_launches_the_training_and_waits_in_the_triggerer(engine: Engine, trial: Trial) -> None:
    waits = deferred(trial)
    assert isinstance(waits.trigger, TrainingContainerTrigger)
    assert (waits.trigger.trial_dir, waits.trigger.stack) == (str(trial.folder), engine.stack)
    assert waits.method_name == "execute_complete"
    assert engine.observe(trial.experiment, trial.number).status == "running"


def test_a_second_try_adopts_the_container(engine: Engine, trial: Trial) -> None:
    deferred(trial)
    before = engine.find(trial.experiment)
    deferred(trial)
    assert engine.find(trial.experiment) == before


def test_a_worker_that_is_stopped_leaves_the_training_alone(engine: Engine, trial: Trial) -> None:
    deferred(trial)
    operator(trial).on_kill()
    assert engine.observe(trial.experiment, trial.number).status == "running"


def test_a_training_that_finished_before_is_returned(engine: Engine, trial: Trial) -> None:
    outcome = Outcome(EndingKind.FINISHED, "Done.", config=trial.spec.config_hash)
    record_outcome(trial.folder, outcome)
    assert operator(trial).execute(NO_CONTEXT) == outcome.to_json()
    assert engine.find(trial.experiment) == ()


def test_a_training_without_a_result_fails_for_good(trial: Trial) -> None:
    event = {"ending": "crashed", "reason": "Given up."}
    with pytest.raises(AirflowFailException, match=r"The training crashed: Given up\."):
        operator(trial).execute_complete(NO_CONTEXT, event)


def test_experiment_and_trial_are_templated() -> None:
    assert TrainingOperator.template_fields[:2] == ("experiment", "trial")
