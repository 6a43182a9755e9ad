"""The methods that are compared: each trains until the target is reached, and tells what that took."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import optuna

from bench.real_networks.cost import Cost, Method, TargetReached
from bench.real_networks.hyperband import hyperband
from bench.real_networks.optuna_study import optuna_study
from bench.real_networks.service import ours
from bench.real_networks.trainer import Network

METHODS: dict[str, Method] = {
    "auto": ours("auto"),
    "hill_climb": ours("hill_climb"),
    "Optuna TPE + median pruner": optuna_study(optuna.samplers.TPESampler, prune=True),
    "random search": optuna_study(optuna.samplers.RandomSampler, prune=False),
    "KerasTuner Hyperband": hyperband,
}
OURS = ("auto", "hill_climb")


@dataclass(frozen=True)
class Searched:
    """What one search took: epochs and wall seconds until the target; `reached` says whether it got there."""

    epochs: int
    seconds: float
    trainings: int
    best: float
    reached: bool


def search(method: str, network: Network, budget: int, seed: int) -> Searched:
    """Run one of `METHODS` on a network until its target, or until its budget of epochs is spent.

    In a process of its own: where one has trained, as KerasTuner does, no fork of it can train any more.
    """
    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        return pool.submit(_search, method, network, budget, seed).result()


def _search(method: str, network: Network, budget: int, seed: int) -> Searched:
    cost, began = Cost(network.target, budget), time.monotonic()
    with contextlib.suppress(TargetReached):
        METHODS[method](network, cost, seed)
    seconds = time.monotonic() - began
    return Searched(cost.epochs, seconds, cost.trainings, cost.best, cost.best >= cost.target)
