"""Configurations as rows of indices into each hyper-parameter's values: what a model computes with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import CategoricalDistribution

from include.tweaker.space import Parameter, SearchSpace, Value
from include.tweaker.strategies._densities import Densities
from include.tweaker.strategies._known import Key, Known
from include.tweaker.strategies._lattice import Values, coordinate, lattice
from include.tweaker.strategies._priors import log_prior
from include.tweaker.strategies._steps import DOWN, UP, step
from include.tweaker.strategies._surrogate import Floats, Surrogate, fit
from include.tweaker.values import contains

_INCUMBENTS = 5
_MOST_POINTS = 128  # a fit costs their cube
_RUNNING = -2.0  # the accuracy that these count as, below `FAILED`
Configurations = NDArray[np.int64]


class Axes:
    """The values of each hyper-parameter, which are few, and what the trials tell of them.

    Args:
        space: What can be tweaked.
        known: The trials so far; the best of them add their own values and finer steps to the lattice.
    """

    def __init__(self, space: SearchSpace, known: Known) -> None:
        self.space, self._known = space, known
        self._best = sorted(known.finished, key=lambda key: -known.judged(key))[:_INCUMBENTS]
        incumbents = [dict(key) for key in self._best]
        self.axes = [_axis(parameter, incumbents) for parameter in space.parameters]
        self.sizes = np.array([len(axis) for axis in self.axes])
        choices = [isinstance(p.distribution, CategoricalDistribution) for p in space.parameters]
        self._choices = np.array(choices, dtype=np.bool_)
        pairs = zip(space.parameters, self.axes, strict=True)
        self._coordinates = [np.array([coordinate(p, value) for value in axis]) for p, axis in pairs]
        self.trials = len(known.finished)
        coordinates = (axis.tolist() for axis in self._coordinates)
        self._places = [dict(zip(*pair, strict=True)) for pair in zip(self.axes, coordinates, strict=True)]
        self._keys = list(known.limited(_MOST_POINTS).finished)

    @cached_property
    def _priors(self) -> list[Floats]:
        return [log_prior(*pair) for pair in zip(self.space.parameters, self.axes, strict=True)]

    @cached_property
    def incumbents(self) -> Configurations:
        """The best configurations, (k, d), with the nearest value for one that is no longer allowed."""
        places = self._points(self._best).T
        pairs = zip(self._coordinates, places, strict=True)
        return np.stack([abs(axis - place[:, None]).argmin(axis=1) for axis, place in pairs], axis=1)

    def values(self, row: Sequence[int]) -> Values:
        """Return a row as values of every parameter."""
        pairs = zip(self.space.parameters, self.axes, row, strict=True)
        return {parameter.name: axis[index] for parameter, axis, index in pairs}

    def coordinates(self, rows: Configurations) -> Floats:
        """Return the coordinates (n, d) of rows (n, d)."""
        return np.stack([axis[rows[:, i]] for i, axis in enumerate(self._coordinates)], axis=1)

    def log_prior(self, rows: Configurations) -> Floats:
        """Return the logarithm of how likely rows (n, d) are to be good before any is tried, (n,)."""
        return np.asarray(sum(prior[rows[:, i]] for i, prior in enumerate(self._priors)), dtype=np.float64)

    def model(self) -> Surrogate:
        """Return the process on the trials so far; failed ones count as the worst."""
        model = fit(self._points(self._keys), self._accuracies, self._choices)
        running = self._known.running
        return model.believing(self._points(running)) if running else model

    def densities(self) -> Densities:
        """Return where the better trials lie; none in training is one, so that others are tried meanwhile."""
        points = self._points([*self._keys, *self._known.running])
        accuracies = np.r_[self._accuracies, np.full(len(self._known.running), _RUNNING)]
        return Densities(self._coordinates, self._choices, points, accuracies)

    @property
    def _accuracies(self) -> Floats:
        return np.array([self._known.judged(key) for key in self._keys])

    def _points(self, keys: Sequence[Key]) -> Floats:
        settled = [{**self.space.defaults(), **dict(key)} for key in keys]
        names = [parameter.name for parameter in self.space.parameters]
        return np.array(
            [[self._where(i, values[name]) for i, name in enumerate(names)] for values in settled]
        )

    def _where(self, index: int, value: Value) -> float:
        where = self._places[index].get(value)
        return coordinate(self.space.parameters[index], value) if where is None else where

    def neighbours(self, row: NDArray[np.int64]) -> Configurations:
        """Return every row that differs in one value, (m, d)."""
        columns = np.repeat(np.arange(len(self.sizes)), self.sizes)
        rows = np.tile(row, (len(columns), 1))
        rows[np.arange(len(columns)), columns] = np.concatenate([np.arange(size) for size in self.sizes])
        return np.asarray(rows[(rows != row).any(axis=1)])


def _axis(parameter: Parameter, incumbents: Sequence[Values]) -> list[Value]:
    """Return the lattice, and around the best values also finer steps."""
    axis = list(lattice(parameter))
    own = dict.fromkeys(values[parameter.name] for values in incumbents if parameter.name in values)
    for value in own:
        finer = (step(parameter, value, direction, finer=True) for direction in (DOWN, UP))
        axis += [extra for extra in (value, *finer) if extra is not None]
    return [value for value in dict.fromkeys(axis) if contains(parameter.distribution, value)]
