"""Several trainings of one push at once: no two alike, none too many, and one clean end."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from include.containers.ending import EndingKind
from include.containers.outcome import Outcome as Ended
from include.containers.outcome import record_outcome
from include.containers.stopping import StoppedBy, read_stop
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.judging import Next, judge_trial
from include.experiments.parallel import in_flight
from include.experiments.records import Goals, State
from include.experiments.training import TrialSuperseded, prepare_training
from include.experiments.tuning import NextTrial, Wait, next_trial
from include.source.push import Push
from tests.e2e.scripts import NETWORK
from tests.include.experiments.journey import claim, train


def begun(installation: Installation, push: Push, goals: Goals, at_once: int = 3) -> Experiment:
    """An experiment whose first trial was judged, and whose second one is in flight."""
    experiment = claim(installation, push, replace(goals, parallel_trials=at_once), NETWORK)
    train(installation, experiment, 1, 0.3)
    assert judge_trial(installation, str(experiment), 1).next is Next.TWEAK
    assert isinstance(next_trial(installation, str(experiment), 1), NextTrial)
    return experiment


def fill(installation: Installation, experiment: Experiment) -> None:
    """Let each trial in flight start another beside it until none may."""
    for number in range(2, 10):
        if isinstance(next_trial(installation, str(experiment), number, beside=True), Wait):
            return


def test_the_developers_own_values_are_trained_alone(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, replace(goals, parallel_trials=3), NETWORK)
    assert isinstance(next_trial(installation, str(experiment), 1, beside=True), Wait)
    assert len(experiment.trials()) == 1


def test_as_many_trials_are_in_flight_as_may_be_and_no_two_are_alike(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = begun(installation, push, goals)
    fill(installation, experiment)
    fill(installation, experiment)  # every task is tried again
    assert [trial.number for trial in in_flight(experiment)] == [2, 3, 4]
    assert len({str(trial.values) for trial in experiment.trials()}) == 4


def test_processes_that_propose_at_the_same_moment_propose_different_trials(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = begun(installation, push, goals, at_once=4)
    fill(installation, experiment)
    for number in (2, 3, 4):
        train(installation, experiment, number, 0.3 + number / 100)
        judge_trial(installation, str(experiment), number)

    def follow(number: int) -> object:
        return next_trial(Installation.from_environment(), str(experiment), number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(follow, [2, 3, 4, 2]))
    assert len({str(trial.values) for trial in experiment.trials()}) == len(experiment.trials()) <= 8


def test_without_leave_for_more_one_trial_follows_the_other(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = begun(installation, push, goals, at_once=1)
    assert isinstance(next_trial(installation, str(experiment), 2, beside=True), Wait)
    assert [trial.number for trial in in_flight(experiment)] == [2]


def test_the_target_ends_the_trainings_in_flight_and_those_that_have_not_begun(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = begun(installation, push, goals)
    fill(installation, experiment)
    running = prepare_training(str(experiment), 3).trial_dir
    train(installation, experiment, 2, 0.95)
    assert judge_trial(installation, str(experiment), 2).next is Next.PUBLISH
    stop = read_stop(running)
    assert stop is not None
    assert (stop.by, stop.reason) == (StoppedBy.SUPERSEDED, "Trial 2 ended the experiment: target met.")

    record_outcome(running, Ended(EndingKind.SUPERSEDED, stop.reason, "container-3"))
    assert judge_trial(installation, str(experiment), 3).next is Next.NOTHING
    with pytest.raises(TrialSuperseded, match="Trial 2 ended the experiment: target met"):
        prepare_training(str(experiment), 4)
    assert [trial.state for trial in experiment.trials()] == ["complete", "complete", "failed", "failed"]
    assert experiment.state is State.TARGET_MET
    assert judge_trial(installation, str(experiment), 2).next is Next.PUBLISH  # cleared, it decides the same


def test_the_last_trial_in_flight_reports_a_spent_budget(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = begun(installation, push, replace(goals, max_trials=3))
    fill(installation, experiment)
    assert [trial.number for trial in in_flight(experiment)] == [2, 3]
    ends = []
    for number in (3, 2):
        train(installation, experiment, number, 0.4)
        ends.append(judge_trial(installation, str(experiment), number).next)
    assert ends == [Next.NOTHING, Next.BUDGET_SPENT]
    assert experiment.state is State.BUDGET_SPENT
