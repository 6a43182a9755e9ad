"""The values of a trial in a study of your own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.tweaker.space import Parameter, SearchSpace, Value

if TYPE_CHECKING:
    from optuna import Trial


def suggest(trial: Trial, space: SearchSpace) -> dict[str, Value]:
    """Ask a trial for every active parameter, in order: growth before the layers that it adds.

    For a study of your own: ``suggest(trial, space)`` in the objective gives the values to train with.
    """
    values: dict[str, Value] = {}
    for parameter in space.parameters:
        condition = parameter.active_if
        if condition is None or float(values.get(condition[0], 0)) >= condition[1]:
            values[parameter.name] = _suggested(trial, parameter)
    return values


def _suggested(trial: Trial, parameter: Parameter) -> Value:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    name, distribution = parameter.name, parameter.distribution
    if isinstance(distribution, IntDistribution):
        return trial.suggest_int(
            name, distribution.low, distribution.high, step=distribution.step, log=distribution.log
        )
    if isinstance(distribution, FloatDistribution):
        return trial.suggest_float(
            name, distribution.low, distribution.high, step=distribution.step, log=distribution.log
        )
    if isinstance(distribution, CategoricalDistribution):
        return plain(trial.suggest_categorical(name, distribution.choices))
    raise TypeError(f"{name} has a distribution that Optuna can't ask for: {distribution}")


def plain(choice: object) -> Value:
    """Return a choice as a value of ours."""
    return choice if isinstance(choice, (int, float, str)) else str(choice)
