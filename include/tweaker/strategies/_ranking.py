"""Which configurations to try next: candidates, and how promising each is.

Near the best trials a Gaussian process rates them alone. Anywhere else two models do: the process's expected
improvement finds the way up a slope, the densities hold on to a rugged plateau. Their scores are added, each
in its own deviation among the candidates, and the densities count in proportion to what the process takes
for scatter: little where it explains every trial, as much as it does where that is a third. Never nothing,
because a process that seems to explain everything has mostly seen too little. Once there are trials enough,
the densities choose alone every other time: two models that are wrong in different ways find more than one.
What is usual weighs in both, the less the more trials there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from include.tweaker.strategies._axes import Axes, Configurations
from include.tweaker.strategies._priors import weight
from include.tweaker.strategies._surrogate import Floats

_RANDOM = 200
_MUTATED = 200
_CLIMBS = 3
_TRUST = 3.0  # of the densities, for each share of the variance that the process takes for scatter
_LEAST = 0.05  # of that share: no process explains every trial for certain
_ENOUGH = 15  # trials before the densities choose alone
_TINY = 1e-9
Rating = Callable[[Configurations], Floats]


def ranked(axes: Axes, generator: np.random.Generator, *, near: bool) -> Iterator[list[int]]:
    """Yield configurations by falling promise, after a climb on it from the most promising one.

    Args:
        axes: The space with its trials.
        generator: For candidates that are drawn.
        near: Only neighbours of the best trials are candidates, and the process alone rates them.
    """
    rows = np.unique(_near(axes), axis=0) if near else _candidates(axes, generator)
    rate = _rating(axes, rows, near=near)
    rated = rate(rows)
    for _ in range(_CLIMBS):
        around = axes.neighbours(rows[int(np.argmax(rated))])
        if not len(around):
            break
        higher = rate(around)
        climbed_higher = higher.max() > rated.max()
        rows, rated = np.concatenate([rows, around]), np.concatenate([rated, higher])
        if not climbed_higher:
            break
    yield from rows[np.argsort(-rated, kind="stable")].tolist()


def _rating(axes: Axes, candidates: Configurations, *, near: bool) -> Rating:
    model = axes.model()

    def improvement(rows: Configurations) -> Floats:
        return model.log_improvement(axes.coordinates(rows))

    if near:
        return improvement
    prior_weight = weight(axes.trials)

    def prior(rows: Configurations) -> Floats:
        return prior_weight * axes.log_prior(rows)

    density = axes.densities().log_ratio
    if axes.trials >= _ENOUGH and axes.trials % 2 == 0:
        return lambda rows: density(rows) + prior(rows)
    by_improvement = 1 / (improvement(candidates).std() + _TINY)
    by_density = _TRUST * (_LEAST + model.noise) / (density(candidates).std() + _TINY)
    return lambda rows: by_improvement * (improvement(rows) + prior(rows)) + by_density * density(rows)


def _candidates(axes: Axes, generator: np.random.Generator) -> Configurations:
    best = axes.incumbents
    anywhere = generator.integers(0, axes.sizes, size=(_RANDOM, len(axes.sizes)))
    mutated = best[generator.integers(len(best), size=_MUTATED)]
    drawn = generator.integers(0, axes.sizes, size=mutated.shape)
    share = 2.5 / max(len(axes.sizes), 3)
    mutated = np.where(generator.random(mutated.shape) < share, drawn, mutated)
    return np.unique(np.concatenate([_near(axes), anywhere, mutated]), axis=0)


def _near(axes: Axes) -> Configurations:
    """Return every neighbour of the best configurations."""
    return np.concatenate([axes.neighbours(row) for row in axes.incumbents])
