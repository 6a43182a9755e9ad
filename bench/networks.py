"""Epochs until the target: our strategies against what a user would use instead, on weak real networks.

Counts epochs and wall seconds until a network's validation accuracy first reaches its target. All methods
search the same space (found by `include.tweaker` in the network's script) with the same epochs for a
training, on the same images, with the same seeds. `make bench-networks [JSON=FILE]` sets up and runs

    python -m bench.networks [--seeds 5] [--networks narrow,timid] [--methods auto] [--json FILE]

The targets are what about one in ten random configurations reaches: `python -m bench.networks --sample 40`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: F401 - before any fork, which then has it
import optuna
from rich.console import Console
from rich.table import Table

from bench.real_networks.methods import METHODS, OURS, Searched, search
from bench.real_networks.optuna_study import sample
from bench.real_networks.trainer import Network, images
from include.detector import inspect
from include.tweaker import discover

PROJECT = Path(__file__).parents[1]
SCRIPTS = Path(__file__).parent / "real_networks" / "scripts"
MNIST = PROJECT.parent / "shared" / "data" / "mnist.npz"
TARGETS = {"narrow": 0.90, "timid": 0.87, "hasty": 0.90}
BUDGET = 200  # epochs; a search that has used them counts with them

Results = dict[tuple[str, str], list[Searched]]


def main() -> None:
    """Run the comparison and print its table."""
    arguments = _arguments()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    console = Console(width=120)
    results: Results = {}
    with TemporaryDirectory() as folder:
        data = images(Path(folder), arguments.images, 1000, MNIST)
        for name in arguments.networks:
            network = load(name, Path(folder))
            if arguments.sample:
                console.print(_sampled(network, arguments.sample))
                continue
            for method in arguments.methods:
                results[name, method] = list(_searches(network, method, arguments.seeds, console))
                _write(results, arguments.json)
    if results:
        console.print(_table(results, data, arguments))


def _sampled(network: Network, count: int) -> str:
    """What random configurations reach, and what one in ten of them does."""
    with _silence():
        found = sample(network, count)
    return f"{network.name}: {found[len(found) // 10]:.3f} of {', '.join(f'{one:.3f}' for one in found)}"


def _write(results: Results, file: Path | None) -> None:
    """Write what there is so far: a run takes an hour."""
    document = [{"network": n, "method": m, **asdict(s)} for (n, m), runs in results.items() for s in runs]
    if file is not None:
        file.write_text(json.dumps(document, indent=2) + "\n")


def load(name: str, folder: Path) -> Network:
    """A network of `real_networks/scripts`, with its search space; epochs are the same for all."""
    tree = folder / name
    tree.mkdir()
    shutil.copy(SCRIPTS / f"{name}.py", tree / "mycode.py")
    (tree / "images.npz").symlink_to(folder / "images.npz")
    verdict = inspect(tree)
    space = discover(tree, verdict)
    if space is None:
        raise ValueError(f"nothing to tweak in {name}: {verdict.reason}")
    kept = tuple(parameter for parameter in space.parameters if parameter.name != "fit.epochs")
    return Network(name, tree, verdict, replace(space, parameters=kept), TARGETS[name])


def _searches(network: Network, method: str, seeds: int, console: Console) -> Iterable[Searched]:
    for seed in range(seeds):
        with _silence():
            searched = search(method, network, BUDGET, seed)
        console.print(
            f"{network.name:8} {method:28} seed {seed}: {searched.epochs:4d} epochs, {searched.trainings:3d} "
            f"trainings, {searched.seconds:6.1f} s, best {searched.best:.3f}",
            style="dim",
        )
        yield searched


@contextmanager
def _silence() -> Iterator[None]:
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        yield


def _table(results: Results, data: str, arguments: argparse.Namespace) -> Table:
    table = Table(title=f"until the target, median of {arguments.seeds} seeds ({data})")
    for column in ("network", "method", "epochs", "wall s", "reached", "epochs / best peer's"):
        table.add_column(column, justify="left" if column in ("network", "method") else "right")
    for name in arguments.networks:
        peers = [_epochs(results[name, m]) for m in arguments.methods if m not in OURS]
        for method in arguments.methods:
            runs = results[name, method]
            ratio = f"{_epochs(runs) / min(peers):.2f} ×" if peers else ""
            seconds = statistics.median(run.seconds for run in runs)
            reached = f"{sum(run.reached for run in runs)}/{len(runs)}"
            table.add_row(name, method, f"{_epochs(runs):.0f}", f"{seconds:.0f}", reached, ratio)
    return table


def _epochs(runs: Sequence[Searched]) -> float:
    return statistics.median(run.epochs for run in runs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--images", type=int, default=2000, help="images to train with")
    parser.add_argument("--networks", type=lambda text: text.split(","), default=list(TARGETS))
    parser.add_argument("--methods", type=lambda text: text.split(","), default=list(METHODS))
    parser.add_argument("--sample", type=int, help="train so many random configurations instead")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
