"""A training that does not learn is ended early, also the developer's own; on a real store."""

from dataclasses import replace

import pytest

from include.containers.result import Epoch
from include.experiments.experiment import Experiment
from include.experiments.judging import Next, decide
from include.experiments.pruning import catch_up, why_prune
from include.experiments.records import Goals, Outcome
from include.experiments.stalling import is_stalled
from include.experiments.store import ExperimentStore
from include.pages.database import Database
from include.pages.detail import best_of
from include.source.push import Push
from include.tweaker.space import Proposal, SearchSpace

SPACE = SearchSpace("by hand", ()).to_json()
FLAT = (0.10, 0.11, 0.10, 0.12, 0.11, 0.12)


def epochs(*accuracies: float, planned: int = 8) -> list[Epoch]:
    return [Epoch(n, accuracy=a, fit=1, planned=planned) for n, a in enumerate(accuracies, 1)]


@pytest.fixture
def experiment(store: ExperimentStore, push: Push, goals: Goals) -> Experiment:
    claimed = store.claim(push, goals, "run-1")
    assert claimed is not None
    claimed.set("space", SPACE)
    return claimed


def begun(experiment: Experiment) -> int:
    number = len(experiment.trials()) + 1
    experiment.propose(number, Proposal({}, "try"))
    return number


@pytest.mark.parametrize(
    "curve",
    [
        (0.075, 0.077, 0.085),  # a learning rate that is far too small, on digits
        (0.077, 0.108, 0.134),
        (0.214, 0.218, 0.233),
        (0.090, 0.116, 0.116),  # one that is far too large: every unit is dead
    ],
)
def test_a_training_near_chance_after_half_of_its_epochs_is_stalled(curve: tuple[float, ...]) -> None:
    assert is_stalled(curve, planned=5, target=0.9)


@pytest.mark.parametrize(
    ("curve", "planned", "what"),
    [
        ((0.10, 0.11), 4, "two epochs are too few to tell"),
        ((0.10, 0.11, 0.12), 8, "half of the epochs are to come"),
        ((0.10, 0.20, 0.30), 5, "it rises"),
        ((0.50, 0.50, 0.50), 5, "it has come half of the way"),
        ((0.10, 0.11, 0.40, 0.12), 6, "it was better once"),
    ],
)
def test_a_training_that_may_get_there_is_not_stalled(
    curve: tuple[float, ...], planned: int, what: str
) -> None:
    assert not is_stalled(curve, planned, target=0.8), what


def test_a_long_training_is_not_kept_by_the_noise_of_its_epochs() -> None:
    noise = [0.1 + 0.01 * (epoch % 3) for epoch in range(50)]
    assert is_stalled(noise, planned=100, target=0.8)


def test_the_developers_own_values_are_ended_where_they_do_not_learn(experiment: Experiment) -> None:
    reason = why_prune(experiment, begun(experiment), epochs(*FLAT))
    assert reason == (
        "pruned after epoch 4 of 8: its accuracy 0.1200 has hardly risen since the first epoch (0.1000) "
        "and is far from the target 0.9"
    )


def test_one_that_was_relaunched_and_starts_over_is_judged_by_what_it_has_trained_since(
    experiment: Experiment,
) -> None:
    number = begun(experiment)
    assert why_prune(experiment, number, epochs(*FLAT, planned=20)) is None
    assert why_prune(experiment, number, epochs(*FLAT[:3], planned=8)) is None


@pytest.mark.parametrize("changed", [{"pruner": "none"}, {"max_trials": 1}])
def test_they_are_not_where_nothing_is_to_be_ended_or_nothing_follows(
    store: ExperimentStore, push: Push, goals: Goals, changed: dict[str, object]
) -> None:
    claimed = store.claim(push, replace(goals, **changed), "run-1")  # type: ignore[arg-type]
    assert claimed is not None
    claimed.set("space", SPACE)
    assert why_prune(claimed, begun(claimed), epochs(*FLAT)) is None


def test_they_are_not_where_nothing_can_be_tweaked(experiment: Experiment) -> None:
    experiment.set("space", None)
    assert why_prune(experiment, begun(experiment), epochs(*FLAT)) is None


@pytest.mark.parametrize(("known", "ended"), [(0.05, False), (0.5, True)])
def test_a_later_training_is_ended_only_where_an_earlier_one_was_better(
    experiment: Experiment, known: float, *, ended: bool
) -> None:
    experiment.tell(begun(experiment), Outcome("finished", known))
    assert (why_prune(experiment, begun(experiment), epochs(*FLAT)) is not None) == ended


def pruned(experiment: Experiment, accuracy: float | None) -> int:
    number = begun(experiment)
    catch_up(experiment, number, epochs(*FLAT))
    ending = "finished" if accuracy is not None else "script_error"
    experiment.tell(number, Outcome(ending, accuracy, pruned="pruned after epoch 4 of 8"))
    return number


def test_an_ended_training_is_the_best_only_while_none_is_complete(
    experiment: Experiment, store: ExperimentStore, url: str
) -> None:
    def bests() -> tuple[float | None, ...]:
        database = Database(url)
        (study,) = database.studies(())
        best, shown = experiment.best, best_of(database.points(study.id))
        numbers = (None if one is None else one.number for one in (best, shown))
        return *numbers, database.tallies()[study.id].best

    pruned(experiment, None)
    assert bests() == (None, None, None)
    pruned(experiment, 0.12)
    pruned(experiment, 0.11)
    assert bests() == (2, 2, 0.12)
    experiment.tell(begun(experiment), Outcome("finished", 0.05))
    assert bests() == (4, 4, 0.05)


@pytest.mark.parametrize("accuracy", [0.12, None])
def test_the_search_goes_on_after_an_ended_first_training_even_if_its_script_missed_epochs(
    experiment: Experiment, goals: Goals, accuracy: float | None
) -> None:
    trial = experiment.trial(pruned(experiment, accuracy))
    assert decide(trial, [trial], goals, hours=0).next is Next.TWEAK
