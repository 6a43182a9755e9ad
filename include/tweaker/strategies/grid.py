"""Every combination of sensible values, in an order that the seed decides."""

from __future__ import annotations

from collections.abc import Iterator

from include.tweaker.space import Proposal, SearchSpace
from include.tweaker.strategies._known import Known
from include.tweaker.strategies._lattice import every


def proposals(space: SearchSpace, known: Known, seed: int) -> Iterator[Proposal]:
    """Yield the combinations of each parameter's lattice; unlike Optuna's grid, conditions count.

    Args:
        space: What can be tweaked.
        known: Every trial so far.
        seed: Of the order, which doesn't change from trial to trial.
    """
    reason = f"the next combination of the grid, after {len(known)} trials"
    for values in every(space, seed):
        yield Proposal(values, reason)
