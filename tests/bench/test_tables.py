"""What `bench.tables` measures, on a table that is written here."""

from typing import Any

import numpy as np
import pytest

from bench.tables import measure
from bench.tabular.cells import Cell, cells, summary
from bench.tabular.data import Table, Trainings
from bench.tabular.searching import BUDGETS, METHODS, STARTS, Bench, Job, first_of, searches


def _table() -> Table:
    """Return a hill of 8 × 7 × 3 configurations, each trained with two seeds."""
    first, second, third = np.meshgrid(np.arange(8), np.arange(7), np.arange(3), indexing="ij")
    means = 10.0 - (first - 5) ** 2 - (second - 2) ** 2 - 3 * (third != 1)
    axes: dict[str, list[Any]] = {"first": list(range(8)), "second": list(range(7)), "third": ["a", "b", "c"]}
    return Table("Hills", "hill", axes, np.stack([means - 1, means + 1], axis=-1))


def test_regret_is_0_for_the_best_configuration_and_1_for_the_median_one() -> None:
    trainings = Trainings(_table(), noisy=False)
    regrets = [trainings.regret(place) for place in np.ndindex(8, 7, 3)]
    assert trainings.regret((5, 2, 1)) == 0
    assert np.median(regrets) == pytest.approx(1)
    assert min(regrets) == 0


@pytest.mark.parametrize(("draw", "recorded"), [(0.1, 9.0), (0.9, 11.0)])
def test_a_noisy_training_gives_one_of_the_recorded_seeds(draw: float, recorded: float) -> None:
    table = _table()
    low, high = float(table.means.min()), float(table.outcomes.max())
    accuracy = Trainings(table, noisy=True).accuracy((5, 2, 1), draw)
    assert accuracy == pytest.approx((recorded - low) / (high - low))


@pytest.mark.parametrize("start", STARTS)
def test_every_method_starts_from_the_same_configuration(start: str) -> None:
    table = _table()
    defaults = table.space(first_of(table, start, 3)).defaults()
    assert table.place(defaults) == first_of(table, start, 3)
    assert (first_of(table, start, 3) == (0, 0, 0)) == (start == "smallest")


@pytest.mark.parametrize("workers", [1, 2])
def test_searches_in_processes_give_what_one_alone_gives_in_the_order_of_the_jobs(workers: int) -> None:
    bench = Bench([_table()], noisy=False)
    jobs = [Job(0, start, "random", seed) for start in STARTS for seed in range(4)]
    assert list(searches(bench, jobs, workers)) == [bench.run(job) for job in jobs]


def test_every_start_and_budget_has_a_cell_with_each_method() -> None:
    (part,) = measure([_table()], 1, 1, noisy=False)
    assert [(cell.start, cell.budget) for cell in part] == [(s, b) for s in STARTS for b in BUDGETS]
    assert all(cell.means.keys() == METHODS.keys() for cell in part)
    for start in STARTS:
        for method in METHODS:
            regrets = [cell.means[method] for cell in part if cell.start == start]
            assert regrets == sorted(regrets, reverse=True)


def _cell(auto: list[float], random: list[float], tpe: list[float]) -> Cell:
    found = {
        name: [[value] * len(BUDGETS) for value in runs]
        for name, runs in (("auto", auto), ("random", random), ("tpe", tpe))
    }
    return cells(_table(), "random", found)[0]


def test_a_cell_compares_auto_with_the_better_method_repeat_by_repeat() -> None:
    cell = _cell([0.3, 0.5, 0.4], random=[0.9, 0.9, 0.9], tpe=[0.2, 0.4, 0.3])
    assert cell.excess == pytest.approx(0.1)
    assert cell.error == pytest.approx(0)
    assert not cell.holds(cell.means)
    assert not cell.is_within_error


def test_a_miss_by_less_than_its_standard_error_is_told_from_the_others() -> None:
    close = _cell([0.2, 0.9, 0.2, 0.95], random=[1.0] * 4, tpe=[0.9, 0.1, 0.9, 0.1])
    far = _cell([0.3, 0.4, 0.3, 0.4], random=[1.0] * 4, tpe=[0.1] * 4)
    held = _cell([0.0] * 4, random=[0.0] * 4, tpe=[0.1] * 4)
    figures = summary([close, far, held])
    assert figures["at or below both"] == {"means": 1, "medians": 1}
    assert figures["missed by at most a standard error"] == ["hill, random, 20: +0.0625 ± 0.4403"]
    assert figures["missed by more"] == ["hill, random, 20: +0.2500 ± 0.0289"]
