"""Densities of the better and the other trials: what rates a configuration beside the Gaussian process."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from optuna.distributions import CategoricalDistribution, IntDistribution

from include.tweaker import Observation, Parameter, SearchSpace, Value
from include.tweaker.strategies._axes import Axes, Configurations
from include.tweaker.strategies._densities import Densities
from include.tweaker.strategies._known import known
from include.tweaker.strategies._lattice import some
from include.tweaker.strategies._ranking import ranked
from include.tweaker.strategies._surrogate import Floats

AXIS = np.linspace(0, 1, 10)
NUMBERS = np.array([False, False])
ALL = np.array(list(product(range(10), range(10))))


def _points(rows: list[tuple[int, int]]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array([[AXIS[i], AXIS[j]] for i, j in rows])


def _scattered(seed: int, count: int) -> list[tuple[int, int]]:
    drawn = np.random.default_rng(seed).choice(100, size=count, replace=False)
    return [(int(n) // 10, int(n) % 10) for n in drawn]


def test_a_configuration_among_the_better_trials_rates_highest() -> None:
    rows = _scattered(0, 40)
    accuracies = np.array([1.0 if i >= 7 and j <= 2 else 0.1 for i, j in rows])
    ratio = Densities([AXIS, AXIS], NUMBERS, _points(rows), accuracies).log_ratio(ALL)
    i, j = ALL[int(ratio.argmax())]
    assert i >= 7
    assert j <= 2


def test_only_the_order_of_accuracies_counts() -> None:
    points, accuracies = _points(_scattered(1, 30)), np.random.default_rng(1).random(30)
    rated = [
        Densities([AXIS, AXIS], NUMBERS, points, given).log_ratio(ALL)
        for given in (accuracies, accuracies**9)
    ]
    assert rated[0].tolist() == rated[1].tolist()


def test_each_density_is_a_probability_over_all_configurations() -> None:
    densities = Densities([AXIS, AXIS], NUMBERS, _points(_scattered(2, 25)), np.arange(25.0))
    for kernels in (densities._better, densities._others):
        assert np.exp(densities._log_density(kernels, ALL)).sum() == pytest.approx(1)


def test_the_choice_that_the_better_trials_share_rates_higher() -> None:
    axis, points = np.arange(3.0), np.array([[0.0], [1.0], [2.0], [1.0], [0.0], [2.0]])
    accuracies = np.array([0.1, 0.9, 0.2, 0.8, 0.1, 0.3])
    rows = np.arange(3)[:, None]
    ratio = Densities([axis], np.array([True]), points, accuracies).log_ratio(rows)
    assert ratio.argmax() == 1


@pytest.mark.parametrize("outside", [-1.0, 40.0])
def test_a_trial_far_outside_of_what_is_allowed_now_leaves_every_rating_finite(outside: float) -> None:
    points = np.array([[outside, outside], [0.5, 0.5], [0.2, 0.1]])
    for choices in (NUMBERS, ~NUMBERS):
        ratio = Densities([AXIS, AXIS], choices, points, np.array([3.0, 2.0, 1.0])).log_ratio(ALL)
        assert np.isfinite(ratio).all()


SPACE = SearchSpace(
    "hand-written",
    (
        Parameter("first", "first", 0, IntDistribution(0, 9)),
        Parameter("second", "second", 0, IntDistribution(0, 9)),
        Parameter("third", "third", 0, IntDistribution(0, 9)),
        Parameter("kind", "kind", "a", CategoricalDistribution(("a", "b", "c"))),
    ),
)


def _axes(trials: int, running: Sequence[dict[str, Value]] = ()) -> Axes:
    """Return a space without layers after trials that spread over it, with accuracies at random."""
    draws = np.random.default_rng(0)
    tried = [Observation(values, float(draws.random())) for values in some(SPACE, 0, trials)]
    return Axes(SPACE, known(SPACE, tried, running))


def _ranked(axes: Axes, *, near: bool = False) -> Configurations:
    return np.array(list(ranked(axes, np.random.default_rng(1), near=near)))


def _is_falling(rated: Floats) -> bool:
    return bool((np.diff(rated) <= 1e-9).all())


def test_near_the_best_trials_the_process_rates_alone() -> None:
    axes = _axes(30)
    rows = _ranked(axes, near=True)
    assert _is_falling(axes.model().log_improvement(axes.coordinates(rows)))


def test_elsewhere_both_models_have_their_say() -> None:
    """Where accuracies are scatter, what either model rates low does not come first."""
    axes = _axes(31)
    rows = _ranked(axes)
    for rated in (axes.densities().log_ratio(rows), axes.model().log_improvement(axes.coordinates(rows))):
        assert not _is_falling(rated)
        assert rated[0] > np.median(rated)


def test_the_densities_choose_alone_every_other_time_once_there_are_trials_enough() -> None:
    alone = [trials for trials in range(12, 22) if _is_falling(_densities_rate(_axes(trials)))]
    assert alone == [16, 18, 20]


def _densities_rate(axes: Axes) -> Floats:
    return axes.densities().log_ratio(_ranked(axes))


def test_the_densities_count_more_where_trials_look_like_scatter(monkeypatch: pytest.MonkeyPatch) -> None:
    axes = _axes(31)
    model, density = axes.model(), axes.densities().log_ratio
    means = []
    for noise in (0.001, 0.3, 100.0):
        monkeypatch.setattr(Axes, "model", lambda _, noise=noise: replace(model, noise=noise))
        means.append(float(density(_ranked(axes)[:20]).mean()))
    assert means == sorted(means)
    assert means[0] < means[2] - 0.1


def test_a_trial_in_training_makes_its_place_less_promising() -> None:
    """So that the next worker is sent elsewhere."""
    alone = _axes(30)
    tried = {tuple(values.values()) for values in some(SPACE, 0, 30)}
    rows = ranked(alone, np.random.default_rng(1), near=False)
    row = next(row for row in rows if tuple(alone.values(row).values()) not in tried)
    beside = _axes(30, running=[alone.values(row)])
    promise = [axes.densities().log_ratio(np.array([row]))[0] for axes in (alone, beside)]
    assert promise[1] < promise[0] - 0.1
