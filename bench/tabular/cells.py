"""What the searches add up to: a cell for each data set, start and number of trainings."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table as Printed

from bench.tabular.data import Table
from bench.tabular.searching import BUDGETS, METHODS

Found = Mapping[str, Sequence[Sequence[float]]]  # by method: for each repeat the regret after each budget
_SAME = 1e-12


@dataclass(frozen=True)
class Cell:
    """Regrets of each method on one data set, from one start, after one budget.

    Args:
        group: The benchmark.
        name: Of the data set.
        start: One of `STARTS`.
        budget: Trainings.
        means: Of the repeats, by method.
        medians: Of the repeats, by method.
        excess: Mean difference of auto from the other method of the lower mean, repeat by repeat.
        error: Standard error of that difference.
    """

    group: str
    name: str
    start: str
    budget: int
    means: dict[str, float]
    medians: dict[str, float]
    excess: float
    error: float

    def holds(self, figures: Mapping[str, float]) -> bool:
        """Whether auto is at or below the better of the others."""
        return figures["auto"] <= min(figures["random"], figures["tpe"]) + _SAME

    @property
    def is_within_error(self) -> bool:
        """Whether auto is at most one standard error above the better of the others."""
        return self.excess <= self.error + _SAME


def cells(table: Table, start: str, found: Found) -> list[Cell]:
    """Return a cell for each of `BUDGETS`."""
    return [_cell(table, start, budget, _column(found, i)) for i, budget in enumerate(BUDGETS)]


def _column(found: Found, number: int) -> dict[str, list[float]]:
    return {method: [run[number] for run in runs] for method, runs in found.items()}


def _cell(table: Table, start: str, budget: int, regrets: Mapping[str, Sequence[float]]) -> Cell:
    means = {method: statistics.fmean(runs) for method, runs in regrets.items()}
    medians = {method: statistics.median(runs) for method, runs in regrets.items()}
    peer = min(("random", "tpe"), key=means.__getitem__)
    apart = [ours - theirs for ours, theirs in zip(regrets["auto"], regrets[peer], strict=True)]
    error = statistics.stdev(apart) / len(apart) ** 0.5 if len(apart) > 1 else 0.0
    excess = statistics.fmean(apart)
    return Cell(table.group, table.name, start, budget, means, medians, excess, error)


def as_table(cells: Sequence[Cell], repeats: int, *, noisy: bool) -> Printed:
    """The cells for a terminal, means (medians)."""
    kind = "one recorded seed" if noisy else "mean of the recorded seeds"
    title = f"Normalised regret, mean (median) of {repeats} repeats; a training gives the {kind}"
    heads = ("benchmark", "data set", "start", "trainings", *METHODS, "auto − better", "≤ both")
    printed = Printed(*heads, title=title)
    for cell in cells:
        shown = (f"{cell.means[method]:.4f} ({cell.medians[method]:.4f})" for method in METHODS)
        apart = f"{cell.excess:+.4f} ± {cell.error:.4f}"
        verdict = f"{_verdict(cell, cell.means)} ({_verdict(cell, cell.medians)})"
        printed.add_row(cell.group, cell.name, cell.start, str(cell.budget), *shown, apart, verdict)
    return printed


def _verdict(cell: Cell, figures: Mapping[str, float]) -> str:
    if cell.holds(figures):
        return "yes"
    return "~" if cell.is_within_error else "NO"


def summary(cells: Sequence[Cell]) -> dict[str, Any]:
    """In how many cells the aim holds, which are missed by how much, and mean regrets by benchmark."""
    kinds = dict.fromkeys((cell.group, cell.budget) for cell in cells)
    missed = [cell for cell in cells if not cell.holds(cell.means)]
    return {
        "cells": len(cells),
        "at or below both": {k: sum(c.holds(getattr(c, k)) for c in cells) for k in ("means", "medians")},
        "missed by at most a standard error": [_named(c) for c in missed if c.is_within_error],
        "missed by more": [_named(c) for c in missed if not c.is_within_error],
        "mean regret": {
            f"{kind[0]}, {kind[1]} trainings": _means([c for c in cells if (c.group, c.budget) == kind])
            for kind in kinds
        },
    }


def _named(cell: Cell) -> str:
    return f"{cell.name}, {cell.start}, {cell.budget}: {cell.excess:+.4f} ± {cell.error:.4f}"


def _means(cells: Sequence[Cell]) -> dict[str, float]:
    return {method: round(statistics.fmean(c.means[method] for c in cells), 4) for method in METHODS}
