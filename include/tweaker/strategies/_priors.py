"""What is usual, as a prior over a hyper-parameter's values: first guesses lie around it.

The acquisition is weighted with the prior's density to a power that falls with the number of trials, so that
a wrong prior is overruled by what is seen (πBO, Hvarfner et al. 2022).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from optuna.distributions import CategoricalDistribution

from include.tweaker.space import Parameter, Value
from include.tweaker.strategies._lattice import coordinate
from include.tweaker.strategies._surrogate import Floats
from include.tweaker.values import contains

_DEVIATION = 0.15  # of the range: within a factor of six for a learning rate from 1e-5 to 1
_STRENGTH = 10.0  # trials after which the prior counts once: a tenth of a hundred, as in the paper


def log_prior(parameter: Parameter, axis: Sequence[Value]) -> Floats:
    """Return the logarithm of how likely each value is to be good before any is tried, (values,).

    It is 0 at the usual value, and everywhere for choices and where no allowed value is known to be usual.
    """
    usual, distribution = parameter.usual, parameter.distribution
    is_choice = isinstance(distribution, CategoricalDistribution)
    if usual is None or is_choice or not contains(distribution, usual):
        return np.zeros(len(axis))
    away = np.array([coordinate(parameter, value) for value in axis]) - coordinate(parameter, usual)
    return np.asarray(-0.5 * (away / _DEVIATION) ** 2, dtype=np.float64)


def drawn(parameter: Parameter, axis: Sequence[Value], where: float) -> Value:
    """Return the value at a quantile 0 ≤ `where` < 1 of the prior."""
    shares = np.exp(log_prior(parameter, axis)).cumsum()
    return axis[min(int(np.searchsorted(shares, where * shares[-1], side="right")), len(axis) - 1)]


def weight(trials: int) -> float:
    """Return the power of the prior after some trials."""
    return _STRENGTH / max(trials, 1)
