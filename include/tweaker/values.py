"""Checks values against a search space, and a network against its image."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from include.tweaker.errors import UnknownParameterError, ValueOutOfRangeError
from include.tweaker.space import Parameter, SearchSpace, Value

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def settle(space: SearchSpace, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return a value for every active parameter: the given one, else the developer's own.

    Raises:
        UnknownParameterError: A name isn't in the space; the message holds the nearest one.
        ValueOutOfRangeError: A value isn't allowed; the message holds the nearest one.
    """
    known = {parameter.name: parameter for parameter in space.parameters}
    for name, value in values.items():
        if name not in known:
            raise UnknownParameterError(_unknown(name, list(known)))
        if not contains(known[name].distribution, value):
            raise ValueOutOfRangeError(out_of_range(known[name], value))
    given = {parameter.name: values.get(parameter.name, parameter.default) for parameter in space.parameters}
    return {p.name: _typed(p, given[p.name]) for p in space.active(given)}


def contains(distribution: BaseDistribution, value: object) -> bool:
    """Return whether a value lies in a distribution; unlike Optuna's own check, 3.5 is no integer."""
    from optuna.distributions import CategoricalDistribution, IntDistribution

    if isinstance(distribution, CategoricalDistribution):
        return value in distribution.choices
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return False
    if isinstance(distribution, IntDistribution) and value != int(value):
        return False
    return distribution._contains(float(value))


def feasible(space: SearchSpace, values: Mapping[str, Value]) -> bool:
    """Return whether the image gets through every layer at a cost below the caps.

    What isn't known statically is taken to fit.
    """
    if space.network is None:
        return True
    settled = {**space.defaults(), **values}
    active = {parameter.name: settled[parameter.name] for parameter in space.active(settled)}
    return space.network.fits(active)


def _typed(parameter: Parameter, value: Value) -> Value:
    from optuna.distributions import IntDistribution

    whole = isinstance(parameter.distribution, IntDistribution)
    return int(value) if whole and not isinstance(value, str) else value


def _unknown(name: str, names: list[str]) -> str:
    near = get_close_matches(name, names, n=1, cutoff=0.0)
    return f"no hyper-parameter is called {name!r}; the nearest is {near[0]!r}; there are: {', '.join(names)}"


def out_of_range(parameter: Parameter, value: object) -> str:
    """Return why a parameter can't have a value, with the nearest that it can."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    distribution = parameter.distribution
    if isinstance(distribution, CategoricalDistribution):
        choices = [str(choice) for choice in distribution.choices]
        near = get_close_matches(str(value), choices, n=1, cutoff=0.0)[0]
        return f"{parameter.name} can't be {value!r}; the nearest is {near!r}; choices: {', '.join(choices)}"
    if not isinstance(distribution, (IntDistribution, FloatDistribution)):
        return f"{parameter.name} can't be {value!r}"
    kind = "whole number" if isinstance(distribution, IntDistribution) else "number"
    step = f" in steps of {distribution.step}" if distribution.step not in (None, 1) else ""
    low, high = distribution.low, distribution.high
    text = f"{parameter.name} can't be {value!r}; it takes a {kind} from {low} to {high}"
    return f"{text}{step}{_nearest(distribution, value)}"


def _nearest(distribution: BaseDistribution, value: object) -> str:
    from optuna.distributions import IntDistribution

    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return ""
    low, high = float(getattr(distribution, "low")), float(getattr(distribution, "high"))  # noqa: B009
    inside = min(max(float(value), low), high)
    if not isinstance(distribution, IntDistribution):
        return f"; the nearest is {inside}"
    stepped = int(low) + round((inside - low) / distribution.step) * distribution.step
    return f"; the nearest is {min(stepped, int(high))}"
