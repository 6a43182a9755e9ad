"""Where the better trials lie and the others don't: Parzen estimators of whole configurations, in numpy.

The better trials and all others each get a density: a kernel for each trial and a uniform one (Bergstra et
al. 2011; one kernel over all hyper-parameters together, as in BOHB, Falkner et al. 2018). The logarithm of
their ratio rates a configuration. Only which trials were better counts, not by how much, so it still tells
apart where accuracy is a rugged plateau and a Gaussian process takes the differences for scatter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from include.tweaker.strategies._surrogate import Flags, Floats

BETTER = 0.15  # share of the trials that count as the better ones
_MOST_BETTER = 25
_WIDTH = 0.15  # of a kernel around a single trial, in shares of the range; it narrows with more trials
_LEAST_STEPS = 0.5  # of an axis, the least width
_ELSEWHERE = 0.3  # share of a choice's kernel that the other choices have, around a single trial
Rows = NDArray[np.int64]


class Densities:
    """The two densities on configurations, which are rows of indices into each hyper-parameter's values.

    Args:
        axes: Coordinates of each hyper-parameter's values, 0–1 or indices of choices.
        choices: (d,) which hyper-parameters are choices.
        points: (n, d) coordinates of the trials.
        accuracies: (n,) only their order counts; n ≥ 2.
    """

    def __init__(self, axes: Sequence[Floats], choices: Flags, points: Floats, accuracies: Floats) -> None:
        order = np.argsort(-accuracies, kind="stable")
        better = min(math.ceil(BETTER * len(order)), _MOST_BETTER)
        self._prior = -sum(math.log(len(axis)) for axis in axes)
        self._better = _kernels(axes, choices, points[order[:better]])
        self._others = _kernels(axes, choices, points[order[better:]])

    def log_ratio(self, rows: Rows) -> Floats:
        """Return the logarithm of how much likelier (m, d) rows are among the better trials, (m,)."""
        return self._log_density(self._better, rows) - self._log_density(self._others, rows)

    def _log_density(self, kernels: list[Floats], rows: Rows) -> Floats:
        joint = np.full((len(rows), kernels[0].shape[1] + 1), self._prior)
        joint[:, 1:] = sum(kernel[rows[:, i]] for i, kernel in enumerate(kernels))
        highest = joint.max(axis=1)
        sums = np.exp(joint - highest[:, None]).sum(axis=1)
        return np.asarray(highest + np.log(sums) - math.log(joint.shape[1]), dtype=np.float64)


def _kernels(axes: Sequence[Floats], choices: Flags, points: Floats) -> list[Floats]:
    """Return for each hyper-parameter the logarithm of each kernel at each value, (values, trials)."""
    narrowed = len(points) ** (-1 / (len(axes) + 4))  # Scott's rule
    return [
        _of_choices(axis, column) if is_choice else _of_numbers(axis, column, _WIDTH * narrowed)
        for axis, is_choice, column in zip(axes, choices, points.T, strict=True)
    ]


def _of_choices(axis: Floats, points: Floats) -> Floats:
    """Return kernels that leave a little for the other choices, the less the more trials there are."""
    others = max(len(axis) - 1, 1)
    elsewhere = _ELSEWHERE * (len(points) + 1) ** -0.2
    same = axis[:, None] == points[None, :]
    return np.asarray(np.log(np.where(same, 1 - elsewhere, elsewhere / others)), dtype=np.float64)


def _of_numbers(axis: Floats, points: Floats, width: float) -> Floats:
    """Return normal kernels that sum to one over the values that there are."""
    width = max(width, _LEAST_STEPS / max(len(axis) - 1, 1))
    logarithms = -0.5 * ((axis[:, None] - points[None, :]) / width) ** 2
    logarithms -= logarithms.max(axis=0)  # a trial may lie far from what is allowed now
    return np.asarray(logarithms - np.log(np.exp(logarithms).sum(axis=0)), dtype=np.float64)
