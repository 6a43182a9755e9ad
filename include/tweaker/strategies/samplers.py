"""Strategies as Optuna samplers, by name."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from include.tweaker.errors import UnknownStrategyError
from include.tweaker.space import Observation, Parameter, SearchSpace, Value
from include.tweaker.values import contains, feasible

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

HILL_CLIMB = "hill_climb"
_NEEDS = {HILL_CLIMB: (), "random": (), "tpe": (), "gp": ("torch", "scipy")}
STRATEGIES = tuple(_NEEDS)
_DRAWS = 50


def check_name(name: str) -> None:
    """Refuse the name of a strategy that doesn't exist or can't run here.

    Raises:
        UnknownStrategyError: With the nearest valid name, or with what to install.
    """
    if name not in _NEEDS:
        near = get_close_matches(name, STRATEGIES, n=1, cutoff=0.0)[0]
        names = ", ".join(STRATEGIES)
        raise UnknownStrategyError(
            f"no strategy is called {name!r}; the nearest is {near!r}; there are: {names}"
        )
    missing = [module for module in _NEEDS[name] if importlib.util.find_spec(module) is None]
    if missing:
        raise UnknownStrategyError(
            f"strategy {name!r} needs {' and '.join(missing)}: install it, or use {HILL_CLIMB!r} or 'tpe'"
        )


def strategy(name: str, space: SearchSpace, seed: int | None = None) -> BaseSampler:
    """Return an Optuna sampler by name, for a study over `space`.

    Args:
        name: One of `STRATEGIES`.
        space: What can be tweaked.
        seed: For samplers that draw at random.

    Raises:
        UnknownStrategyError: No strategy is called so, or what it needs isn't installed.
    """
    from optuna import samplers

    check_name(name)
    if name == HILL_CLIMB:
        from include.tweaker.strategies.sampler import HillClimbSampler

        return HillClimbSampler(space)
    if name == "gp":
        return samplers.GPSampler(seed=seed)
    return samplers.TPESampler(seed=seed) if name == "tpe" else samplers.RandomSampler(seed=seed)


def suggest(trial: Trial, space: SearchSpace) -> dict[str, Value]:
    """Ask a trial for every active parameter, in order: growth before the layers that it adds.

    For a study of your own: ``suggest(trial, space)`` in the objective gives the values to train with.
    """
    values: dict[str, Value] = {}
    for parameter in space.parameters:
        condition = parameter.active_if
        if condition is None or float(values[condition[0]]) >= condition[1]:
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
        return _plain(trial.suggest_categorical(name, distribution.choices))
    raise TypeError(f"{name} has a distribution that Optuna can't ask for: {distribution}")


def asked(
    space: SearchSpace, history: Sequence[Observation], name: str, seed: int
) -> Iterator[dict[str, Value]]:
    """Yield what a sampler would try next after this history, only what the feature map has room for.

    A sampler that only draws what is known is stuck on a peak: then draw anywhere, at last what is left.
    """
    mixed = (seed * 1_000_003 + len(history)) % 2**32
    for kind, draws in ((name, _DRAWS), ("random", 3 * _DRAWS)):
        study = _study(space, history, strategy(kind, space, mixed))
        for _ in range(draws):
            values = suggest(study.ask(), space)
            if feasible(space, values):
                yield values
    yield from (values for values in _grid(space, space.parameters, {}) if feasible(space, values))


def _grid(
    space: SearchSpace, rest: Sequence[Parameter], values: dict[str, Value]
) -> Iterator[dict[str, Value]]:
    """Yield every combination where all parameters can be counted."""
    if not rest:
        yield values
        return
    parameter, later = rest[0], rest[1:]
    if parameter not in space.active(values):
        yield from _grid(space, later, values)
        return
    for value in _countable(parameter.distribution):
        yield from _grid(space, later, {**values, parameter.name: value})


def _countable(distribution: BaseDistribution) -> Sequence[Value]:
    from optuna.distributions import CategoricalDistribution, IntDistribution

    if isinstance(distribution, CategoricalDistribution):
        return tuple(_plain(choice) for choice in distribution.choices)
    if isinstance(distribution, IntDistribution):
        return range(distribution.low, distribution.high + 1, distribution.step)
    return ()


def _plain(choice: object) -> Value:
    return choice if isinstance(choice, (int, float, str)) else str(choice)


def _study(space: SearchSpace, history: Sequence[Observation], sampler: BaseSampler) -> Study:
    """Return a study in memory that holds this history."""
    import optuna

    storage = optuna.storages.InMemoryStorage()
    storage.create_new_study([optuna.study.StudyDirection.MAXIMIZE], "history")
    study = optuna.load_study(study_name="history", storage=storage, sampler=sampler)
    for observation in history:
        values = {**space.defaults(), **observation.values}
        active = [p for p in space.active(values) if contains(p.distribution, values[p.name])]
        failed = observation.accuracy is None or not 0.0 <= observation.accuracy <= 1.0
        study.add_trial(
            optuna.trial.create_trial(
                state=optuna.trial.TrialState.FAIL if failed else optuna.trial.TrialState.COMPLETE,
                value=None if failed else observation.accuracy,
                params={p.name: values[p.name] for p in active},
                distributions={p.name: p.distribution for p in active},
            )
        )
    return study
