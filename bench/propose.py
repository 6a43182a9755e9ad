"""What a proposal costs: median milliseconds for each strategy, after 100 and after 1,000 trials.

Two spaces: that of a typical push (layers, optimizer, epochs, growth with layers of its own), and the same
without growth, as one writes it by hand, where `auto` asks its models from the start. Run:

    make bench-propose [JSON=FILE]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from rich.console import Console
from rich.table import Table

from include.tweaker import STRATEGIES, Observation, Parameter, SearchSpace, UnknownStrategyError, propose
from include.tweaker.strategies._lattice import some

AIMS = {100: 50.0, 1000: 200.0}  # trials in the history → milliseconds
_WIDTH, _SIDE = IntDistribution(4, 512, log=True), IntDistribution(3, 7, step=2)
_ONE, _TWO = ("growth.conv_layers", 1), ("growth.conv_layers", 2)
SPACE = SearchSpace(
    "literals",
    (
        Parameter("conv1.filters", "filters of conv 1", 8, _WIDTH),
        Parameter("conv1.kernel_size", "kernel size of conv 1", 3, _SIDE),
        Parameter("conv2.filters", "filters of conv 2", 16, _WIDTH),
        Parameter("conv2.kernel_size", "kernel size of conv 2", 3, _SIDE),
        Parameter("dense1.units", "units of dense 1", 32, IntDistribution(8, 1024, log=True)),
        Parameter("dropout1.rate", "rate of dropout 1", 0.5, FloatDistribution(0.0, 0.7)),
        Parameter("optimizer.name", "optimizer", "sgd", CategoricalDistribution(("sgd", "adam", "rmsprop"))),
        Parameter("optimizer.learning_rate", "learning rate", 0.1, FloatDistribution(1e-5, 1, log=True)),
        Parameter("fit.batch_size", "batch size", 64, IntDistribution(8, 512, log=True)),
        Parameter("fit.epochs", "epochs", 5, IntDistribution(5, 20, log=True)),
        Parameter("growth.conv_layers", "added conv layers", 0, IntDistribution(0, 2)),
        Parameter("new_conv1.filters", "filters of new conv 1", 16, _WIDTH, _ONE),
        Parameter("new_conv2.filters", "filters of new conv 2", 32, _WIDTH, _TWO),
    ),
)

BY_HAND = SearchSpace(
    "hand-written", tuple(p for p in SPACE.parameters if not p.name.startswith(("growth.", "new_")))
)
SPACES = {"a push": SPACE, "by hand": BY_HAND}


@dataclass(frozen=True)
class Figure:
    """One strategy in one of `SPACES` after some trials: milliseconds, or why it was not measured."""

    space: str
    strategy: str
    trials: int
    median_ms: float | None
    worst_ms: float | None
    aim_ms: float
    why: str = ""


def history_of(space: SearchSpace, trials: int) -> list[Observation]:
    """Return different random trials with random accuracies, every twentieth of which failed.

    The second is what `auto` opens with, to no avail: else it would propose that, without asking its model.
    """
    draws = random.Random(0)  # noqa: S311 - a benchmark, not a secret
    own = Observation({p.name: p.default for p in space.active({})}, 0.5)
    opening = [Observation(one.values, 0.1) for one in [propose(space, [own])] if one is not None]
    others = (Observation(values, draws.random()) for values in some(space, 0, 2 * trials))
    history = [own, *opening, *others][:trials]
    return [Observation(one.values, None) if n % 20 == 19 else one for n, one in enumerate(history)]


def measure(where: str, name: str, trials: int, repeats: int) -> Figure:
    """Propose again and again, each time after two trials less.

    The number of trials is odd, so that `auto` asks its model each time and not, cheaper, the climb.
    """
    space = SPACES[where]
    history, times = history_of(space, trials), []
    for repeat in range(repeats):
        began = time.perf_counter()
        try:
            propose(space, history[: trials - 1 - 2 * repeat], name, seed=repeat)
        except UnknownStrategyError as error:
            return Figure(where, name, trials, None, None, AIMS[trials], str(error))
        times.append((time.perf_counter() - began) * 1000)
    return Figure(where, name, trials, round(statistics.median(times), 1), round(max(times), 1), AIMS[trials])


def as_table(figures: Sequence[Figure]) -> Table:
    """The figures for a terminal."""
    table = Table("space", "strategy", "trials", "median ms", "worst ms", "aim ms", title="propose")
    for one in figures:
        shown = (one.why, "") if one.median_ms is None else (f"{one.median_ms:g}", f"{one.worst_ms:g}")
        table.add_row(one.space, one.strategy, str(one.trials), *shown, f"{one.aim_ms:g}")
    return table


def main() -> None:
    """Measure every strategy and print the table."""
    parser = argparse.ArgumentParser(description="Measure how long a proposal takes.")
    parser.add_argument("--repeats", type=int, default=15, help="proposals for each figure")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    measure("a push", "auto", min(AIMS), 1)  # what a process pays for its first proposal
    figures = [
        measure(where, name, trials, options.repeats)
        for where in SPACES
        for trials in AIMS
        for name in STRATEGIES
    ]
    if options.json:
        options.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")
    Console().print(as_table(figures))


if __name__ == "__main__":
    main()
