"""Strategies as Optuna samplers, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.tweaker.space import SearchSpace
from include.tweaker.strategies._names import check_name

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


def strategy(name: str, space: SearchSpace, seed: int | None = None) -> BaseSampler:
    """Return an Optuna sampler by name, for a study over `space` that maximises an accuracy 0–1.

    A space of your own takes five lines::

        from optuna.distributions import FloatDistribution, IntDistribution
        from include.tweaker import Parameter, SearchSpace, strategy, suggest
        width = Parameter("filters", "filters", 16, IntDistribution(4, 256, log=True))
        rate = Parameter("rate", "learning rate", 0.1, FloatDistribution(1e-5, 1.0, log=True))
        space = SearchSpace("hand-written", (width, rate))

    Args:
        name: One of `STRATEGIES`.
        space: What can be tweaked.
        seed: Of every draw, together with the trials so far; None derives it from the study's name.

    Raises:
        UnknownStrategyError: No strategy is called so, or what it needs isn't installed.
    """
    from include.tweaker.strategies.sampler import StudySampler

    check_name(name)
    return StudySampler(space, name, seed)
