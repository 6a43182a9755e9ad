"""Optuna's samplers and pruners, as a user of Optuna runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from bench.real_networks.cost import Cost, Method
from bench.real_networks.trainer import Network, train
from include.tweaker import Parameter, SearchSpace, Value, feasible

Values = dict[str, Value]


def optuna_study(sampler: Callable[..., optuna.samplers.BaseSampler], *, prune: bool) -> Method:
    """An Optuna study as a user writes it: the own values first, then what the sampler suggests."""

    def run(network: Network, cost: Cost, seed: int) -> None:
        pruner = optuna.pruners.MedianPruner() if prune else optuna.pruners.NopPruner()
        study = optuna.create_study(direction="maximize", sampler=sampler(seed=seed), pruner=pruner)
        study.enqueue_trial(network.space.defaults())

        def objective(trial: optuna.Trial) -> float:
            values = _suggested(network.space, trial)
            if not feasible(network.space, values):
                raise optuna.TrialPruned
            accuracy = _trained(network, values, cost, seed, trial)
            if accuracy is None:
                raise optuna.TrialPruned
            return accuracy

        study.optimize(objective, n_trials=cost.budget)

    return run


def sample(network: Network, count: int) -> list[float]:
    """Return the accuracies of random configurations that can work, from the best to the worst."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=99))
    found: list[float] = []
    while len(found) < count:
        values = _suggested(network.space, study.ask())
        if feasible(network.space, values):
            epochs = train(network, values, seed=len(found))
            found.append(max((epoch.accuracy for epoch in epochs), default=0.0))
    return sorted(found, reverse=True)


def _trained(
    network: Network, values: Mapping[str, Value], cost: Cost, seed: int, trial: optuna.Trial
) -> float | None:
    """Train, and return the best accuracy; None where no epoch ended."""
    cost.trainings += 1
    best: float | None = None
    training = train(network, values, seed)
    try:
        for step, epoch in enumerate(training, start=1):
            cost.count(epoch)
            best = max(best or 0.0, epoch.accuracy)
            trial.report(epoch.accuracy, step)
            if trial.should_prune():
                raise optuna.TrialPruned
    finally:
        training.close()
    return best


def _suggested(space: SearchSpace, trial: optuna.Trial) -> Values:
    values: Values = {}
    for parameter in space.parameters:
        if parameter in space.active(values):
            values[parameter.name] = _suggest(trial, parameter)
    return values


def _suggest(trial: optuna.Trial, parameter: Parameter) -> Value:
    match parameter.distribution:
        case IntDistribution(low=low, high=high, step=step, log=log):
            return trial.suggest_int(parameter.name, low, high, step=step, log=log)
        case FloatDistribution(low=low, high=high, step=step, log=log):
            return trial.suggest_float(parameter.name, low, high, step=step, log=log)
        case CategoricalDistribution(choices=choices):
            chosen: Any = trial.suggest_categorical(parameter.name, choices)
            value: Value = chosen
            return value
    raise TypeError(f"{parameter.name} has an unknown distribution {parameter.distribution}")
