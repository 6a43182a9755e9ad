"""What a person ends in Airflow is a stop: on record at once, and told once no run is left that would."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from include.containers import StoppedBy, read_stop
from include.containers.ending import EndingKind
from include.containers.outcome import Outcome, record_outcome
from include.experiments.crashing import STOPPED, give_up
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import Goals, State
from include.experiments.stopping import end_stranded, stop_training
from include.experiments.telling import compose
from include.report.message import MailKind
from include.tweaker.space import Proposal
from tests.include.experiments.launched import PUSH, launch
from tests.include.experiments.watched import installed

__all__ = ["installed"]

DAG = "train_cnn__admin__mnist"


@pytest.fixture
def experiment(installed: Installation) -> Experiment:
    """An experiment whose push has been claimed by the run `first`."""
    claimed = installed.store.claim(PUSH, Goals(0.9, 20, 1, "tpe"), "first")
    assert claimed is not None
    return claimed


def end(installation: Installation, ended: Mapping[str, bool]) -> list[str]:
    """Ends what is stranded, given what became of each run; others are not there."""
    found = end_stranded(installation, lambda repository, run: ended.get(run))
    return [str(experiment) for experiment in found]


def test_a_stop_is_put_on_record_for_the_training_of_that_run(
    installed: Installation, experiment: Experiment
) -> None:
    folders = [launch(installed, experiment, trial) for trial in (1, 2)]
    assert stop_training(installed, DAG, experiment.run_id(2))
    stop = read_stop(folders[1])
    assert (read_stop(folders[0]), stop and stop.by) == (None, StoppedBy.USER)


@pytest.mark.parametrize(("dag", "run"), [(DAG, "another"), ("train_cnn__admin__other", "first")])
def test_another_run_is_none_of_ours(
    installed: Installation, experiment: Experiment, dag: str, run: str
) -> None:
    folder = launch(installed, experiment, 1)
    assert not stop_training(installed, dag, run)
    assert read_stop(folder) is None


def test_a_training_that_a_person_stopped_is_told_as_stopped_although_nobody_saw_its_container_end(
    installed: Installation, experiment: Experiment
) -> None:
    launch(installed, experiment, 1)
    stop_training(installed, DAG, "first")
    give_up(installed, str(experiment), 1, task_failed=True)
    assert compose(installed, experiment, ["ada@example.com"]).kind is MailKind.STOPPED


@pytest.mark.parametrize("ended", [{"first": True}, {}], ids=["marked", "deleted"])
def test_an_experiment_whose_run_a_person_ended_is_ended_once_its_training_is(
    installed: Installation, experiment: Experiment, ended: dict[str, bool]
) -> None:
    launch(installed, experiment, 1)
    assert end(installed, ended) == [], "it trains still"
    stop_training(installed, DAG, "first")
    assert end(installed, ended) == [str(experiment)]
    assert (experiment.state, experiment.trials()[0].ending) == (State.CRASHED, EndingKind.STOPPED)
    assert compose(installed, experiment, ["ada@example.com"]).kind is MailKind.STOPPED
    assert end(installed, ended) == []


def test_one_that_was_ended_before_its_push_was_inspected_says_that_nothing_had_begun(
    installed: Installation, experiment: Experiment
) -> None:
    assert end(installed, {"first": True}) == [str(experiment)]
    assert experiment.attribute("stopped") == STOPPED


def test_one_whose_run_goes_on_is_left_alone(installed: Installation, experiment: Experiment) -> None:
    record_outcome(launch(installed, experiment, 1), Outcome(EndingKind.FINISHED, "exit code 0"))
    assert end(installed, {"first": False}) == []
    assert experiment.state is State.RUNNING


def test_one_of_two_trials_at_once_is_no_end_of_the_experiment(
    installed: Installation, experiment: Experiment
) -> None:
    for trial in (1, 2):
        launch(installed, experiment, trial)
        stop_training(installed, DAG, experiment.run_id(trial))
    second = experiment.run_id(2)
    assert end(installed, {"first": True, second: False}) == []
    assert end(installed, {"first": True, second: True}) == [str(experiment)]
    assert all(trial.finished for trial in experiment.trials())


def test_a_later_trial_whose_run_is_not_there_yet_is_waited_for(
    installed: Installation, experiment: Experiment
) -> None:
    folder = launch(installed, experiment, 1)
    record_outcome(folder, Outcome(EndingKind.STOPPED, "stopped"))
    give_up(installed, str(experiment), 1)
    experiment.set("state", State.RUNNING.value)
    experiment.propose(2, Proposal({}, "another"))
    assert end(installed, {"first": True}) == []
