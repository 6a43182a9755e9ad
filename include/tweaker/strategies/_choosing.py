"""From what a strategy would try to what is tried: never twice, never what can't work."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from include.strategy_names import AUTO, CMAES, GRID, HILL_CLIMB
from include.tweaker.space import Proposal, SearchSpace, Value
from include.tweaker.strategies import _optuna, auto, cmaes, grid, hill_climb
from include.tweaker.strategies._known import Known, key_of
from include.tweaker.strategies._lattice import every, is_countable, some
from include.tweaker.strategies._reasons import OWN_VALUES
from include.tweaker.values import feasible

_DRAWS = 150


def next_proposal(space: SearchSpace, tried: Known, strategy: str, seed: int) -> Proposal | None:
    """Return the first proposal that isn't tried and can work, or None; see `propose`."""
    for proposal in chain([Proposal(_own(space), OWN_VALUES)], _proposals(space, tried, strategy, seed)):
        own = proposal.reason == OWN_VALUES
        if key_of(space, proposal.values) not in tried and (own or feasible(space, proposal.values)):
            return proposal
    return None


def _own(space: SearchSpace) -> dict[str, Value]:
    return {parameter.name: parameter.default for parameter in space.active({})}


def _proposals(space: SearchSpace, tried: Known, strategy: str, seed: int) -> Iterator[Proposal]:
    if strategy == HILL_CLIMB:
        return hill_climb.proposals(space, tried)
    return chain(_chosen(space, tried, strategy, seed), _remaining(space, tried, seed))


def _chosen(space: SearchSpace, tried: Known, strategy: str, seed: int) -> Iterator[Proposal]:
    if strategy == AUTO:
        return auto.proposals(space, tried, seed)
    if strategy == GRID:
        return grid.proposals(space, tried, seed)
    if strategy == CMAES:
        return cmaes.proposals(space, tried, seed)
    return _optuna.proposals(space, tried, seed, strategy)


def _remaining(space: SearchSpace, tried: Known, seed: int) -> Iterator[Proposal]:
    """Yield what a strategy left over that only drew what is known: anything, at last everything."""
    reason = f"not tried yet, after {len(tried)} trials; the strategy itself has nothing new"
    draws = some(space, seed + len(tried), _DRAWS)
    for values in chain(draws, _anywhere(space, tried, seed), every(space, seed, whole=True)):
        yield Proposal(values, reason)


def _anywhere(space: SearchSpace, tried: Known, seed: int) -> Iterator[dict[str, Value]]:
    return iter(()) if is_countable(space) else _drawn(space, tried, seed)


def _drawn(space: SearchSpace, tried: Known, seed: int) -> Iterator[dict[str, Value]]:
    for proposal in _optuna.proposals(space, tried, seed, "random"):
        yield proposal.values


def is_exhausted(space: SearchSpace, tried: Known, strategy: str) -> bool:
    """Return whether a strategy has nothing left to propose."""
    if strategy == HILL_CLIMB:
        return next_proposal(space, tried, strategy, 0) is None
    if not is_countable(space):
        return False
    rest = every(space, len(tried), whole=True)
    return all(key_of(space, values) in tried or not feasible(space, values) for values in rest)
