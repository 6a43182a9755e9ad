"""When a training is ended early, and when it never is; on a real store."""

import json
from pathlib import Path

import pytest
from optuna.trial import TrialState

from include.containers.pruning import end_requested
from include.containers.result import Epoch
from include.experiments.experiment import Experiment
from include.experiments.following import EpochFollower
from include.experiments.installation import Installation
from include.experiments.pruning import MOST_EPOCHS, catch_up, report_epochs, why_prune
from include.experiments.records import Goals, Outcome, TrialRecord
from include.experiments.store import ExperimentStore
from include.source.push import Push
from include.tweaker.space import Proposal

PLANNED = 8
CURVE = (0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.72, 0.74)


def epochs(*accuracies: float, fit: int = 1, planned: int = PLANNED, warm: bool = False) -> list[Epoch]:
    return [Epoch(n, accuracy=a, fit=fit, planned=planned, warm=warm) for n, a in enumerate(accuracies, 1)]


def begun(experiment: Experiment) -> int:
    number = len(experiment.trials()) + 1
    experiment.propose(number, Proposal({}, "try"))
    return number


def complete(
    experiment: Experiment, *accuracies: float, fits: int = 1, warm: int | None = None
) -> TrialRecord:
    number = begun(experiment)
    catch_up(experiment, number, epochs(*accuracies, warm=warm is not None))
    return experiment.tell(number, Outcome("finished", accuracies[-1], fits=fits, warm_started_from=warm))


@pytest.fixture
def goals(pruner: str) -> Goals:
    return Goals(target=0.99, max_trials=50, max_hours=1, strategy="hill_climb", pruner=pruner)


@pytest.fixture
def pruner() -> str:
    return "median"


@pytest.fixture
def experiment(store: ExperimentStore, push: Push, goals: Goals) -> Experiment:
    claimed = store.claim(push, goals, "run-1")
    assert claimed is not None
    return claimed


@pytest.fixture
def four(experiment: Experiment) -> Experiment:
    for _ in range(4):
        complete(experiment, *CURVE)
    return experiment


@pytest.mark.parametrize("pruner", ["hyperband"])
def test_hyperband_ends_trainings_of_its_early_brackets(experiment: Experiment) -> None:
    for _ in range(12):
        complete(experiment, *CURVE)
    reasons = [why_prune(experiment, begun(experiment), epochs(*[0.1] * 7)) for _ in range(8)]
    assert any(reasons)


@pytest.mark.parametrize("pruner", ["median", "asha"])
def test_a_training_far_behind_is_ended_with_its_reason(four: Experiment) -> None:
    reason = why_prune(four, begun(four), epochs(*[0.1] * 7))
    assert reason is not None
    assert reason.startswith("pruned after epoch 3 of 8: its accuracy 0.1000 was behind that of 4 earlier")
    assert four.goals.pruner in reason


@pytest.mark.parametrize("pruner", ["median", "hyperband", "asha", "none"])
def test_a_training_ahead_goes_on(four: Experiment) -> None:
    assert why_prune(four, begun(four), epochs(*(a + 0.1 for a in CURVE))) is None


@pytest.mark.parametrize("pruner", ["none"])
def test_without_a_pruner_nothing_is_ended_and_all_is_reported(four: Experiment) -> None:
    number = begun(four)
    assert why_prune(four, number, epochs(*[0.1] * 7)) is None
    assert len(four.study.get_trials()[number - 1].intermediate_values) == 7


@pytest.mark.parametrize("pruner", ["median", "hyperband", "asha"])
@pytest.mark.parametrize("known", [0, 1, 3])
def test_the_first_trials_are_never_ended_for_being_behind(experiment: Experiment, known: int) -> None:
    for _ in range(known):
        complete(experiment, *CURVE)
    assert why_prune(experiment, begun(experiment), epochs(*[0.5] * 7)) is None


@pytest.mark.parametrize("pruner", ["median", "hyperband", "asha"])
def test_neither_the_first_epochs_nor_the_last_end_a_training(four: Experiment) -> None:
    assert why_prune(four, begun(four), epochs(0.1, 0.1)) is None
    assert why_prune(four, begun(four), epochs(*[0.1] * 5, planned=15)) is None
    assert why_prune(four, begun(four), epochs(0.1, 0.1, 0.1, planned=3)) is None


def test_only_the_same_epochs_are_compared(four: Experiment) -> None:
    """A longer training is behind nobody where nobody else has been."""
    slow_start = [0.6] * 8 + [0.1] * 4
    assert why_prune(four, begun(four), epochs(*slow_start, planned=30)) is None


def test_a_training_from_nothing_is_not_compared_with_one_from_given_weights(experiment: Experiment) -> None:
    for _ in range(6):
        complete(experiment, *(a + 0.25 for a in CURVE), warm=1)
    assert why_prune(experiment, begun(experiment), epochs(*CURVE)) is None
    assert why_prune(experiment, begun(experiment), epochs(*CURVE, warm=True)) is not None


def test_a_script_that_fits_several_times_is_not_ended(four: Experiment) -> None:
    assert why_prune(four, begun(four), epochs(*[0.1] * 7, fit=2)) is None
    complete(four, *CURVE, fits=2)
    assert why_prune(four, begun(four), epochs(*[0.1] * 7)) is None


def test_validation_accuracy_goes_before_accuracy(experiment: Experiment) -> None:
    trial = report_epochs(experiment, begun(experiment), [Epoch(1, accuracy=0.9, val_accuracy=0.4), Epoch(2)])
    assert trial is not None
    assert trial.intermediate_values == {1: 0.4}


def test_a_script_cannot_fill_the_store_with_epochs(experiment: Experiment) -> None:
    assert report_epochs(experiment, begun(experiment), [Epoch(MOST_EPOCHS + 1, accuracy=0.5)]) is None


def test_a_pruned_trial_counts_keeps_its_accuracy_and_is_never_the_best(four: Experiment) -> None:
    number = begun(four)
    report_epochs(four, number, epochs(0.1, 0.2, 0.2))
    told = four.tell(number, Outcome("finished", 0.9, pruned="pruned after epoch 3"))
    assert (told.state, told.accuracy, told.pruned) == ("pruned", 0.9, "pruned after epoch 3")
    assert four.study.get_trials()[number - 1].state is TrialState.PRUNED
    best = four.best
    assert best is not None
    assert best.number == 1


def test_epochs_are_followed_on_disk_and_the_end_is_asked_for_once(
    four: Experiment, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNN_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("CNN_STORAGE_URL", url)
    number = begun(four)
    folder = tmp_path / "trial"
    for name in ("in", "out"):
        (folder / name).mkdir(parents=True)
    follower = EpochFollower(Installation.from_environment(), str(four), number, folder)
    assert follower.look() is None
    metrics = folder / "out" / "metrics.jsonl"
    for epoch in range(1, 6):
        line = {"epoch": epoch, "accuracy": 0.1, "fit": 1, "planned": 8}
        with metrics.open("a") as stream:
            stream.write(json.dumps(line) + "\n")
        reason = follower.look()
        assert (reason is not None) == (epoch == 3)
    asked = end_requested(folder)
    assert asked is not None
    assert "after epoch 3 of 8" in asked
    assert len(four.study.get_trials()[number - 1].intermediate_values) == 5
