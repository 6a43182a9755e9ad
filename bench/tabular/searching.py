"""Searches on tables, spread over processes: each is its own, and its seed decides every draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import optuna

from bench.tabular.data import Table, Trainings
from include.tweaker import SearchSpace, strategy, suggest

BUDGETS = (20, 50, 100)
STARTS = ("smallest", "random")
METHODS: dict[str, Callable[[SearchSpace, int], optuna.samplers.BaseSampler]] = {
    "auto": lambda space, seed: strategy("auto", space, seed),
    "random": lambda space, seed: optuna.samplers.RandomSampler(seed=seed),
    "tpe": lambda space, seed: optuna.samplers.TPESampler(seed=seed),
}
_FIRST = 10_000  # seeds of random starts, away from those of the methods


@dataclass(frozen=True)
class Job:
    """One search: which table, by number, from which of `STARTS`, by which of `METHODS`, with which seed."""

    table: int
    start: str
    method: str
    seed: int


class Bench:
    """The tables as each process sees them.

    Args:
        tables: All that jobs are about.
        noisy: As of `Trainings`.
    """

    def __init__(self, tables: Sequence[Table], *, noisy: bool) -> None:
        self._tables = tables
        self._trainings = [Trainings(table, noisy=noisy) for table in tables]

    def run(self, job: Job) -> list[float]:
        """Regret after each of `BUDGETS`, of the configuration with the best accuracy seen."""
        table, trainings = self._tables[job.table], self._trainings[job.table]
        space = table.space(first_of(table, job.start, job.seed))
        study = optuna.create_study(direction="maximize", sampler=METHODS[job.method](space, job.seed))
        study.enqueue_trial(space.defaults())
        draws = np.random.default_rng(job.seed).random(BUDGETS[-1])
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


def first_of(table: Table, start: str, seed: int) -> tuple[int, ...]:
    """The configuration to start from: every smallest value (and first choice), or a random one."""
    sizes = [len(axis) for axis in table.axes.values()]
    if start == "smallest":
        return tuple(0 for _ in sizes)
    return tuple(int(index) for index in np.random.default_rng(_FIRST + seed).integers(0, sizes))


_bench: Bench | None = None  # of a process of the pool, which has it from its fork


def searches(bench: Bench, jobs: Sequence[Job], workers: int) -> Iterator[list[float]]:
    """Yield what each job found, in their order.

    Args:
        bench: The tables.
        jobs: What to search.
        workers: Processes to search in.
    """
    with ProcessPoolExecutor(workers, get_context("fork"), initializer=_begin, initargs=(bench,)) as pool:
        yield from pool.map(_run, jobs, chunksize=5)


def _begin(bench: Bench) -> None:
    global _bench
    _bench = bench
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def _run(job: Job) -> list[float]:
    if _bench is None:
        raise RuntimeError("a job was run outside a process of `searches`")
    return _bench.run(job)
