"""The methods that are compared: each trains until the target is reached, and tells what that took."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from bench.real_networks.trainer import Epoch, Network, Weights, built, train
from include.experiments.stalling import is_stalled
from include.tweaker import Observation, Parameter, SearchSpace, Value, feasible, propose

Values = dict[str, Value]
MAX_EPOCHS = 5  # of one training: the `epochs` that every script has


class TargetReached(BaseException):
    """Ends a search at the first epoch whose accuracy is the target's.

    It is no Exception: KerasTuner would take that for a failed training and go on.
    """


@dataclass
class Cost:
    """What a search has used so far.

    Args:
        target: Validation accuracy that ends it, a fraction 0-1.
        budget: Epochs after which it is given up.
    """

    target: float
    budget: int
    epochs: int = 0
    trainings: int = 0
    best: float = 0.0

    def count(self, epoch: Epoch) -> None:
        """Count an epoch.

        Raises:
            TargetReached: it reaches the target, or it is the budget's last.
        """
        self.epochs += 1
        self.best = max(self.best, epoch.accuracy)
        if self.best >= self.target or self.epochs >= self.budget:
            raise TargetReached


@dataclass(frozen=True)
class Searched:
    """What one search took: epochs and wall seconds until the target; `reached` says whether it got there."""

    epochs: int
    seconds: float
    trainings: int
    best: float
    reached: bool


Method = Callable[[Network, Cost, int], None]


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


def ours(strategy: str) -> Method:
    """One of our strategies, as the service runs it with its defaults.

    Between trials: the next values. In them: a training that does not learn is ended early, and a network
    that is larger than the best one begins with its weights. The median pruner, which waits for four
    complete trials, is left out.
    """

    def run(network: Network, cost: Cost, seed: int) -> None:
        history: list[Observation] = []
        with TemporaryDirectory() as folder:
            trainings = _Trainings(network, cost, seed, Path(folder))
            while (proposal := propose(network.space, history, strategy=strategy, seed=seed)) is not None:
                history.append(Observation(dict(proposal.values), trainings.train(proposal.values)))

    return run


class _Trainings:
    """The trainings of one experiment, one after the other, with what the service does in them.

    Args:
        network: What is trained.
        cost: Counts their epochs.
        seed: Of each of them.
        folder: For weights, empty.
    """

    def __init__(self, network: Network, cost: Cost, seed: int, folder: Path) -> None:
        self._network, self._cost, self._seed = network, cost, seed
        self._best, self._weights = -1.0, Weights(folder / "best", folder / "latest")
        for path in (self._weights.given, self._weights.kept):
            path.mkdir()

    def train(self, values: Mapping[str, Value]) -> float | None:
        """Train, and return the best accuracy; None where no epoch ended."""
        self._cost.trainings += 1
        accuracies: list[float] = []
        training = train(self._network, values, self._seed, self._weights)
        with contextlib.closing(training):  # type: ignore[type-var]
            for epoch in training:
                self._cost.count(epoch)
                accuracies.append(epoch.accuracy)
                if len(accuracies) < MAX_EPOCHS and self._is_stalled(accuracies):
                    return max(accuracies)
        self._keep(max(accuracies, default=-1.0))
        return max(accuracies, default=None)

    def _is_stalled(self, accuracies: Sequence[float]) -> bool:
        is_behind = self._cost.trainings == 1 or max(accuracies) < self._best
        return is_behind and is_stalled(accuracies, MAX_EPOCHS, self._cost.target)

    def _keep(self, accuracy: float) -> None:
        """Let later trainings begin with the weights of this one if it is the best."""
        given, kept = self._weights.given, self._weights.kept
        if accuracy > self._best:
            self._best = accuracy
            shutil.rmtree(given)
            kept.rename(given)
        else:
            shutil.rmtree(kept)
        kept.mkdir()


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


def hyperband(network: Network, cost: Cost, seed: int) -> None:
    """KerasTuner's Hyperband over the same space, with at most as many epochs for one training."""
    import keras
    import keras_tuner

    keras.utils.set_random_seed(seed)
    arguments: dict[str, Any] = {}

    def build(hp: Any) -> Any:
        values = _tuned(network.space, hp)
        if not feasible(network.space, values):
            raise keras_tuner.errors.FailedTrialError("the layers don't fit the image")
        model, given = built(network.source(values), network.tree)
        arguments.update(given)
        return model

    class Count(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_begin(self, logs: object = None) -> None:
            cost.trainings += 1

        def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
            cost.count(Epoch(float((logs or {})["val_accuracy"]), 0.0))

    class HyperModel(keras_tuner.HyperModel):  # type: ignore[misc]
        def build(self, hp: Any) -> Any:
            return build(hp)

        def fit(self, hp: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
            given = {**arguments, "batch_size": hp.values.get("fit.batch_size", arguments.get("batch_size"))}
            given.pop("epochs", None)
            return model.fit(**{**given, **kwargs})

    with TemporaryDirectory() as folder:
        tuner = keras_tuner.Hyperband(
            HyperModel(),
            objective="val_accuracy",
            max_epochs=MAX_EPOCHS,
            hyperband_iterations=1000,
            seed=seed,
            directory=folder,
            project_name="search",
            max_consecutive_failed_trials=10_000,
        )
        tuner.search(callbacks=[Count()], verbose=0)


METHODS: dict[str, Method] = {
    "auto": ours("auto"),
    "hill_climb": ours("hill_climb"),
    "Optuna TPE + median pruner": optuna_study(optuna.samplers.TPESampler, prune=True),
    "random search": optuna_study(optuna.samplers.RandomSampler, prune=False),
    "KerasTuner Hyperband": hyperband,
}
OURS = ("auto", "hill_climb")


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
        training.close()  # type: ignore[attr-defined]
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


def _tuned(space: SearchSpace, hp: Any) -> Values:
    values: Values = {}
    for parameter in space.parameters:
        if parameter in space.active(values):
            values[parameter.name] = _tune(hp, parameter)
    return values


def _tune(hp: Any, parameter: Parameter) -> Value:
    name, default = parameter.name, parameter.default
    match parameter.distribution:
        case IntDistribution(low=low, high=high, step=step, log=log):
            sampling = {"sampling": "log"} if log and step == 1 else {"step": step}
            number: Value = hp.Int(name, low, high, default=default, **sampling)
            return number
        case FloatDistribution(low=low, high=high, log=log):
            real: Value = hp.Float(name, low, high, default=default, sampling="log" if log else "linear")
            return real
        case CategoricalDistribution(choices=choices):
            chosen: Value = hp.Choice(name, list(choices), default=default)
            return chosen
    raise TypeError(f"{name} has an unknown distribution {parameter.distribution}")
