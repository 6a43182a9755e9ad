"""KerasTuner's Hyperband, as a user of KerasTuner runs it."""

from __future__ import annotations

from collections.abc import Mapping
from tempfile import TemporaryDirectory
from typing import Any

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from bench.real_networks.cost import MAX_EPOCHS, Cost
from bench.real_networks.trainer import Epoch, Network, built
from include.tweaker import Parameter, SearchSpace, Value, feasible

Values = dict[str, Value]


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
