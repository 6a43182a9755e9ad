"""The covariance matrix adaptation evolution strategy (Hansen 2016), replayed from the history.

Optuna's sampler keeps its state pickled in the trials. Here each proposal tells a fresh optimiser (of
the same library) what every finished generation gave: values and accuracies of a study are all it needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from optuna.distributions import CategoricalDistribution

from include.tweaker.space import Parameter, Proposal, SearchSpace, Value
from include.tweaker.strategies._known import Key, Known
from include.tweaker.strategies._lattice import active, coordinate, lattice, value_at

if TYPE_CHECKING:
    from cmaes import CMA  # type: ignore[import-untyped]

_DRAWS = 60
_WIDTH = 0.25


def proposals(space: SearchSpace, known: Known, seed: int) -> Iterator[Proposal]:
    """Yield draws of the generation that the history has come to, rounded to sensible values.

    Args:
        space: What can be tweaked.
        known: Every trial so far.
        seed: Decides every draw, together with the number of trials.
    """
    optimizer = _optimizer(space, seed * 1_000_003 + len(known))
    generations = _replay(optimizer, space, known)
    reason = f"drawn around what {generations} generations of CMA-ES settled on, after {len(known)} trials"
    for _ in range(_DRAWS):
        drawn = optimizer.ask()
        values = {
            p.name: value_at(p, float(where)) for p, where in zip(space.parameters, drawn, strict=False)
        }
        yield Proposal(active(space, values), reason)


def _optimizer(space: SearchSpace, seed: int) -> CMA:
    from cmaes import CMA

    own = [_where(parameter, parameter.default) for parameter in space.parameters]
    mean = np.array([*own, 0.5] if len(own) == 1 else own)  # one dimension has no covariance
    population = 4 + math.floor(3 * math.log(len(mean)))
    bounds = np.array([[0.0, 1.0]] * len(mean))
    return CMA(mean=mean, sigma=_WIDTH, bounds=bounds, seed=seed % 2**32, population_size=population)


def _replay(optimizer: CMA, space: SearchSpace, known: Known) -> int:
    """Tell the optimiser every full generation, failed trials as the worst; return how many there were."""
    trials, size = list(known.finished.items()), int(optimizer.population_size)
    full = len(trials) // size
    for number in range(full):
        generation = trials[number * size : (number + 1) * size]
        optimizer.tell(
            [(_point(space, key, optimizer.dim), -(accuracy or 0.0)) for key, accuracy in generation]
        )
    return full


def _point(space: SearchSpace, key: Key, dimensions: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    values = {**space.defaults(), **dict(key)}
    point = np.full(dimensions, 0.5)
    point[: len(space.parameters)] = [_where(p, values[p.name]) for p in space.parameters]
    return point


def _where(parameter: Parameter, value: Value) -> float:
    """Return a value's coordinate; a choice lies in the middle of its share."""
    where = coordinate(parameter, value)
    is_choice = isinstance(parameter.distribution, CategoricalDistribution)
    return (where + 0.5) / len(lattice(parameter)) if is_choice else where
